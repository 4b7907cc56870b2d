#include "security/watch.hpp"

#include <algorithm>
#include <utility>

#include "security/security_repository.hpp"
#include "security/watch_statements.hpp"

namespace evently::security {
namespace {

constexpr std::chrono::seconds kPatience{2};
constexpr std::chrono::seconds kSweepLimit{60};
constexpr std::chrono::hours kSweepEvery{1};
constexpr std::chrono::minutes kReadAnyway{1};  // lets go of blocks that have expired

postgres::TransactionOptions within(std::chrono::seconds limit) {
  return {"", false, std::chrono::steady_clock::now() + limit};
}

bool is_any(const EventQueue::Counts& counts) {
  return std::ranges::any_of(counts, [](std::uint64_t count) { return count > 0; });
}

EventQueue::Counts difference(const EventQueue::Counts& now, const EventQueue::Counts& before) {
  EventQueue::Counts more{};
  for (std::size_t i = 0; i < more.size(); ++i) more[i] = now[i] - before[i];
  return more;
}

}  // namespace

Watch::Watch(boost::asio::io_context& io, postgres::PoolOptions pool, const WatchOptions& options,
             EventQueue& queue, BlockList& blocks, observability::Metrics& metrics,
             const Clock& clock)
    : pool_(io, std::move(pool)),
      options_(options),
      queue_(queue),
      blocks_(blocks),
      metrics_(metrics),
      clock_(clock),
      detector_(options.decoy_login),
      announcer_(metrics) {
  for (const auto name : kEventNames) {
    metrics_.declare("evently_security_events_total", "type", name);
  }
}

Task<void> Watch::tick() {
  look_at_events();
  co_await write();
  co_await read_blocks();
  if (clock_.now() > dropped_old_at_ + kSweepEvery) co_await drop_old_rows();
}

/// Needs no database: alerts go out and this node blocks also when it is away.
void Watch::look_at_events() {
  const TimePoint now = clock_.now();
  found_here_.clear();
  for (const auto& event : queue_.drain()) {
    tally_.add(event, now);
    for (const Finding& finding : detector_.take(event, now)) act_on(finding, now);
  }
  for (const Incident& incident : incidents_.close_quiet(now)) {
    announcer_.log(incident, false, now);
  }
  for (const Incident& late : incidents_.take_untold()) announcer_.tell_opened(late, now);
  announcer_.tick(now);
  show_metrics();
}

void Watch::act_on(const Finding& finding, TimePoint now) {
  const Incident* opened = incidents_.add(finding, now);
  if (finding.kind == AlertKind::BruteForceDetected) found_here_.insert(finding.key);
  if (opened != nullptr) announcer_.log(*opened, true, now);
  if (finding.kind == AlertKind::BruteForceDetected) block(finding, now);
}

void Watch::block(const Finding& finding, TimePoint now) {
  const auto range = parse_range(finding.key);
  if (!options_.automatic_blocks || !range || blocks_.look(finding.key, true, now)) return;
  const std::string address = finding.key.substr(0, finding.key.find('/'));
  if (options_.proxies.contains(address)) return;
  if (blocks_.size() >= BlockList::kMostBlocks) return;
  Block block{make_uuid_v7(),
              *range,
              *options_.automatic_blocks,
              std::string(rule_of(finding.kind).name),
              "detector",
              now,
              now + kBlockFor};
  blocks_.add(block);
  new_blocks_.push_back(std::move(block));
  detector_.forget_failures(finding.key);  // who is let in again starts anew
}

void Watch::show_metrics() {
  const EventQueue::Counts seen = queue_.seen();
  const EventQueue::Counts more = difference(seen, shown_);
  for (std::size_t i = 0; i < more.size(); ++i) {
    if (more[i] == 0) continue;
    metrics_.count("evently_security_events_total", "type", kEventNames[i],
                   static_cast<double>(more[i]));
  }
  shown_ = seen;
  const std::uint64_t dropped = queue_.dropped();
  metrics_.count("evently_security_dropped_total", static_cast<double>(dropped - dropped_shown_));
  dropped_shown_ = dropped;
  metrics_.set("evently_address_blocks", static_cast<double>(blocks_.size()));
}

/// What a failed write leaves behind waits for the next one.
struct Watch::Unwritten {
  Watch& watch;
  std::vector<TallyRow> rows;
  std::vector<Incident> incidents;
  bool is_written = false;

  ~Unwritten() {
    if (is_written) return;
    watch.tally_.put_back(rows, watch.clock_.now());
    watch.incidents_.put_back(incidents);
  }
};

Task<void> Watch::write() {
  const EventQueue::Counts seen = queue_.seen();
  const EventQueue::Counts more = difference(seen, written_);
  Unwritten part{*this, tally_.drain(), incidents_.take_unwritten()};
  std::vector<postgres::Call> calls;
  if (is_any(more)) calls.push_back(add_totals(more));
  if (!part.rows.empty()) calls.push_back(add_events(part.rows));
  const std::size_t before_findings = calls.size();
  if (!part.incidents.empty()) calls.push_back(add_findings(part.incidents));
  for (const Block& block : new_blocks_) calls.push_back(add_block(block));
  const std::vector<std::string> failing = to_ask_about(part.rows);
  if (!failing.empty()) calls.push_back(find_failing(failing));
  if (calls.empty()) co_return;
  const auto answers = co_await pool_.run_all(within(kPatience), std::move(calls));
  part.is_written = true;
  written_ = seen;
  new_blocks_.clear();
  if (!part.incidents.empty()) tell_opened(part.incidents, answers[before_findings]);
  if (!failing.empty()) act_on_sums(answers.back());
}

/// Networks with failed sign-ins that this node alone would not stop. Nodes take turns at the row
/// of the totals, so of two that write at once the later one sees both.
std::vector<std::string> Watch::to_ask_about(const std::vector<TallyRow>& rows) const {
  std::set<std::string> networks;
  for (const TallyRow& row : rows) {
    const bool is_failure = row.type == name_of(observability::SecurityEventType::SignInFailed);
    if (is_failure && parse_range(row.key) && !found_here_.contains(row.key)) {
      networks.insert(row.key);
    }
  }
  return {networks.begin(), networks.end()};
}

void Watch::act_on_sums(const postgres::Rows& failing) {
  const TimePoint now = clock_.now();
  for (int i = 0; i < failing.size(); ++i) {
    const auto network = failing[i].get<std::string>("key");
    act_on({AlertKind::BruteForceDetected, network, 1, network}, now);
  }
}

void Watch::tell_opened(const std::vector<Incident>& written, const postgres::Rows& rows) {
  std::set<Uuid> made;
  for (int i = 0; i < rows.size(); ++i) made.insert(rows[i].get<Uuid>("id"));
  for (const Incident& incident : incidents_.confirm(written, made)) {
    announcer_.tell_opened(incident, clock_.now());
  }
}

Task<void> Watch::read_blocks() {
  std::vector<postgres::Call> calls;
  calls.push_back(read_generation());
  calls.push_back(close_quiet_alerts());
  calls.push_back(take_decoy_scans());
  const auto state = co_await pool_.run_all(within(kPatience), std::move(calls));
  const auto generation = state[0][0].get<std::int64_t>("generation");
  const TimePoint now = clock_.now();
  for (int i = 0; i < state[1].size(); ++i) announcer_.tell(decode_closed(state[1][i]), now);
  observe_scans(state[2][0].get<std::int64_t>("scans"));
  if (generation == generation_ && now < blocks_read_at_ + kReadAnyway) co_return;
  postgres::Call live = read_live_blocks();
  const auto rows = co_await pool_.run(within(kPatience), live.statement, std::move(live.values));
  std::vector<Block> blocks = new_blocks_;  // found after the last write
  for (int i = 0; i < rows.size(); ++i) blocks.push_back(decode_block(rows[i]));
  blocks_.replace(blocks);
  generation_ = generation;
  blocks_read_at_ = now;
}

/// Somebody read the decoy's table: the next tick takes it as any event.
void Watch::observe_scans(std::int64_t scans) {
  if (scans == 0) return;
  observability::SecurityEvent event;
  event.detail = std::string(kDecoyDetail) + std::string(kDecoyRow);
  queue_.observe(std::move(event));
}

Task<void> Watch::drop_old_rows() {
  dropped_old_at_ = clock_.now();
  co_await pool_.run_all(within(kSweepLimit), drop_old());
}

}  // namespace evently::security
