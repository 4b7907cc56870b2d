#include "security/security_repository.hpp"

#include <stdexcept>

namespace evently::security {
namespace {

using postgres::Statement;

constexpr Statement kTotals{"security.totals",
                            "SELECT type, total FROM ops.security_counters ORDER BY type"};
constexpr Statement kEvents{
    "security.events",
    "SELECT minute, type, key, count FROM ops.security_events"
    " WHERE ($1::text IS NULL OR type = $1)"
    " AND ($2::timestamptz IS NULL OR (minute, type, key) < ($2::timestamptz, $3::text, $4::text))"
    " ORDER BY minute DESC, type DESC, key DESC LIMIT $5"};
constexpr Statement kAlerts{
    "security.alerts",
    "SELECT id, kind, key, last_network, count, opened_at, last_at, closed_at"
    " FROM ops.security_alerts"
    " WHERE ($1::boolean IS NULL OR (closed_at IS NULL) = $1)"
    " AND id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
    " ORDER BY id DESC LIMIT $3"};
constexpr Statement kBlocks{
    "security.blocks",
    "SELECT id, range::text AS range, scope, reason, source, created_at, expires_at"
    " FROM ops.address_blocks WHERE lifted_at IS NULL AND expires_at > now()"
    " AND id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
    " ORDER BY id DESC LIMIT $2"};
constexpr Statement kAddBlock{
    "security.add_block",
    "INSERT INTO ops.address_blocks (id, range, scope, reason, source, created_by, expires_at)"
    " VALUES ($1, $2::cidr, $3, $4, 'administrator', $5, $6)"};
constexpr Statement kLiftBlock{"security.lift_block",
                               "UPDATE ops.address_blocks SET lifted_at = now()"
                               " WHERE id = $1 AND lifted_at IS NULL AND expires_at > now()"};

std::pair<std::string, std::int64_t> decode_total(const postgres::Row& row) {
  return {row.get<std::string>("type"), row.get<std::int64_t>("total")};
}

TallyRow decode_tally(const postgres::Row& row) {
  return {row.get<TimePoint>("minute"), row.get<std::string>("type"), row.get<std::string>("key"),
          row.get<std::int64_t>("count")};
}

AlertRow decode_alert(const postgres::Row& row) {
  return {row.get<Uuid>("id"),
          row.get<std::string>("kind"),
          row.get<std::string>("key"),
          row.find<std::string>("last_network"),
          row.get<std::int64_t>("count"),
          row.get<TimePoint>("opened_at"),
          row.get<TimePoint>("last_at"),
          row.find<TimePoint>("closed_at")};
}

}  // namespace

Block decode_block(const postgres::Row& row) {
  Block block;
  block.id = row.get<Uuid>("id");
  const auto range = parse_range(row.get<std::string_view>("range"));
  if (!range) throw std::logic_error("ops.address_blocks holds a range that is none");
  block.range = *range;
  block.scope = row.get<std::string_view>("scope") == "all" ? BlockScope::All : BlockScope::Auth;
  block.reason = row.get<std::string>("reason");
  block.source = row.get<std::string>("source");
  block.created_at = row.get<TimePoint>("created_at");
  block.expires_at = row.get<TimePoint>("expires_at");
  return block;
}

Task<std::vector<std::pair<std::string, std::int64_t>>> SecurityRepository::totals(
    postgres::TransactionOptions how) {
  const postgres::Parameters none;
  const auto rows = co_await pool_.run(std::move(how), kTotals, none);
  co_return rows.map(decode_total);
}

Task<std::vector<TallyRow>> SecurityRepository::events(postgres::TransactionOptions how,
                                                       std::optional<std::string> type,
                                                       std::optional<EventPlace> before,
                                                       std::int64_t limit) {
  std::optional<TimePoint> minute;
  if (before) minute = before->minute;
  auto values = postgres::parameters(type, minute, before ? before->type : std::string(),
                                     before ? before->key : std::string(), limit);
  const auto rows = co_await pool_.run(std::move(how), kEvents, std::move(values));
  co_return rows.map(decode_tally);
}

Task<std::vector<AlertRow>> SecurityRepository::alerts(postgres::TransactionOptions how,
                                                       std::optional<bool> open,
                                                       std::optional<Uuid> before,
                                                       std::int64_t limit) {
  auto values = postgres::parameters(open, before, limit);
  const auto rows = co_await pool_.run(std::move(how), kAlerts, std::move(values));
  co_return rows.map(decode_alert);
}

Task<std::vector<Block>> SecurityRepository::blocks(postgres::TransactionOptions how,
                                                    std::optional<Uuid> before,
                                                    std::int64_t limit) {
  auto values = postgres::parameters(before, limit);
  const auto rows = co_await pool_.run(std::move(how), kBlocks, std::move(values));
  co_return rows.map(decode_block);
}

Task<std::optional<idempotency::Made>> SecurityRepository::add_block(
    idempotency::KeptAnswers::Wish wish, Block block, std::string answer) {
  const auto put = [&, by = wish.caller,
                    how = postgres::TransactionOptions{wish.context, false, wish.deadline}](
                       std::vector<postgres::Call> calls) {
    calls.push_back(
        {kAddBlock, postgres::parameters(block.id, block.range.text(), to_string(block.scope),
                                         block.reason, by, block.expires_at)});
    return pool_.run_all(how, std::move(calls));
  };
  idempotency::Made wanted{block.id, std::move(answer)};
  auto made = co_await blocked_.once(std::move(wish), std::move(wanted), put);
  co_return made;
}

Task<bool> SecurityRepository::lift_block(postgres::TransactionOptions how, Uuid id) {
  auto values = postgres::parameters(id);
  const auto rows = co_await pool_.run(std::move(how), kLiftBlock, std::move(values));
  co_return rows.affected() == 1;
}

}  // namespace evently::security
