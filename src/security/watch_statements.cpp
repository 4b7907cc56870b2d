#include "security/watch_statements.hpp"

#include <array>

#include "security/detection/event_names.hpp"

namespace evently::security {
namespace {

using postgres::Statement;

constexpr Statement kTotals{"security.add_totals",
                            "INSERT INTO ops.security_counters AS c (type, total)"
                            " SELECT * FROM unnest($1::text[], $2::bigint[]) ORDER BY 1"
                            " ON CONFLICT (type) DO UPDATE SET total = c.total + excluded.total"};
constexpr Statement kEvents{
    "security.add_events",
    "INSERT INTO ops.security_events AS e (minute, type, key, count)"
    " SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::bigint[])"
    " ORDER BY 1, 2, 3"
    " ON CONFLICT (minute, type, key) DO UPDATE SET count = e.count + excluded.count"};
constexpr Statement kFindings{
    "security.add_findings",
    "INSERT INTO ops.security_alerts AS a"
    " (id, kind, key, count, opened_at, last_at, last_network)"
    " SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::timestamptz[],"
    " $6::timestamptz[], $7::text[]) ORDER BY 2, 3"
    " ON CONFLICT (kind, key) WHERE closed_at IS NULL"
    " DO UPDATE SET count = a.count + excluded.count,"
    " last_at = greatest(a.last_at, excluded.last_at),"
    " last_network = CASE WHEN excluded.last_at >= a.last_at OR a.last_network IS NULL"
    " THEN coalesce(excluded.last_network, a.last_network) ELSE a.last_network END"
    " RETURNING id"};
/// Another node may have found the same.
constexpr Statement kBlock{
    "security.add_automatic_block",
    "INSERT INTO ops.address_blocks (id, range, scope, reason, source, expires_at)"
    " SELECT $1, $2::cidr, $3, $4, 'detector', $5 WHERE NOT EXISTS (SELECT FROM ops.address_blocks"
    " WHERE range = $2::cidr AND scope = $3 AND lifted_at IS NULL AND expires_at > now())"};
// Whole minutes only, so never more than the window; as long as BRUTE_FORCE_DETECTED's. What came
// before a block's end does not count again, and what comes under one is not counted twice.
constexpr Statement kFailing{
    "security.failing_networks",
    "SELECT e.key FROM ops.security_events AS e WHERE e.type = 'sign_in_failed'"
    " AND e.key = ANY ($1::text[]) AND e.minute > now() - interval '15 minutes'"
    " AND e.minute > coalesce((SELECT max(coalesce(b.lifted_at, b.expires_at))"
    " FROM ops.address_blocks AS b WHERE b.range::text = e.key), '-infinity')"
    " GROUP BY e.key HAVING sum(e.count) >= $2"};
// As long as kQuiet.
constexpr Statement kClose{"security.close_quiet",
                           "UPDATE ops.security_alerts SET closed_at = now()"
                           " WHERE closed_at IS NULL AND last_at < now() - interval '15 minutes'"
                           " RETURNING kind, key, last_network, count, opened_at, last_at"};
constexpr Statement kGeneration{"security.generation",
                                "SELECT generation FROM ops.block_generation"};
constexpr Statement kScans{"security.decoy_scans", "SELECT ops.take_decoy_scans() AS scans"};
constexpr Statement kLive{
    "security.live_blocks",
    "SELECT id, range::text AS range, scope, reason, source, created_at, expires_at"
    " FROM ops.address_blocks WHERE lifted_at IS NULL AND expires_at > now()"
    " ORDER BY expires_at DESC LIMIT 10000"};
constexpr Statement kDropEvents{
    "security.delete_old_events",
    "DELETE FROM ops.security_events WHERE minute < now() - interval '30 days'"};
constexpr Statement kDropAlerts{
    "security.delete_old_alerts",
    "DELETE FROM ops.security_alerts WHERE closed_at < now() - interval '30 days'"};
constexpr Statement kDropBlocks{
    "security.delete_old_blocks",
    "DELETE FROM ops.address_blocks WHERE expires_at < now() - interval '30 days'"};

using Columns = std::vector<std::vector<std::optional<std::string>>>;

void append(Columns& columns, const postgres::Parameters& row) {
  columns.resize(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
}

postgres::Parameters arrays(const Columns& columns) {
  postgres::Parameters values;
  for (const auto& column : columns) values.emplace_back(postgres::encode_array(column));
  return values;
}

}  // namespace

postgres::Call add_totals(const EventQueue::Counts& more) {
  Columns columns;
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more[i] == 0) continue;
    append(columns, postgres::parameters(kEventNames[i], static_cast<std::int64_t>(more[i])));
  }
  return {kTotals, arrays(columns)};
}

postgres::Call add_events(const std::vector<TallyRow>& rows) {
  Columns columns;
  for (const TallyRow& row : rows) {
    append(columns, postgres::parameters(row.minute, row.type, row.key, row.count));
  }
  return {kEvents, arrays(columns)};
}

postgres::Call add_findings(const std::vector<Incident>& incidents) {
  Columns columns;
  for (const Incident& one : incidents) {
    std::optional<std::string> network;
    if (!one.last_network.empty()) network = one.last_network;
    append(columns, postgres::parameters(one.id, rule_of(one.kind).name, one.key, one.unwritten,
                                         one.opened_at, one.last_at, network));
  }
  return {kFindings, arrays(columns)};
}

postgres::Call add_block(const Block& block) {
  return {kBlock, postgres::parameters(block.id, block.range.text(), to_string(block.scope),
                                       block.reason, block.expires_at)};
}

postgres::Call find_failing(const std::vector<std::string>& networks) {
  const std::vector<std::optional<std::string>> keys(networks.begin(), networks.end());
  const int threshold = rule_of(AlertKind::BruteForceDetected).threshold;
  return {kFailing, postgres::parameters(postgres::encode_array(keys), threshold)};
}

postgres::Call close_quiet_alerts() { return {kClose, {}}; }
AlertNote decode_closed(const postgres::Row& row) {
  AlertNote note;
  note.kind = row.get<std::string>("kind");
  note.key = row.get<std::string>("key");
  note.last_network = row.find<std::string>("last_network");
  note.is_open = false;
  note.count = row.get<std::int64_t>("count");
  note.opened_at = row.get<TimePoint>("opened_at");
  note.last_at = row.get<TimePoint>("last_at");
  return note;
}

postgres::Call read_generation() { return {kGeneration, {}}; }
postgres::Call take_decoy_scans() { return {kScans, {}}; }
postgres::Call read_live_blocks() { return {kLive, {}}; }

std::vector<postgres::Call> drop_old() {
  return {{kDropEvents, {}}, {kDropAlerts, {}}, {kDropBlocks, {}}};
}

}  // namespace evently::security
