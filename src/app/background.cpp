#include "app/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

namespace asio = boost::asio;
using postgres::Statement;

/// Pages are at most a second old: a little less between refreshes leaves room for the query.
constexpr std::chrono::milliseconds kTick{800};
constexpr std::chrono::seconds kSweepLimit{60};
constexpr std::uint64_t kKeyUseTicks = 12;   // about ten seconds
constexpr std::uint64_t kSweepTicks = 4500;  // about an hour
constexpr std::uint64_t kMinuteTicks = 75;

constexpr Statement kWriteErrors{
    "errors.insert",
    "INSERT INTO ops.error_log (error_id, at, fingerprint, status, method, route, request_id, "
    "user_id, message, suppressed)"
    " SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::integer[], $5::text[], "
    "$6::text[], $7::text[], $8::uuid[], $9::text[], $10::integer[])"};
constexpr Statement kDropRetiredKeys{"context_keys.drop_retired",
                                     "SELECT sec.drop_retired_context_keys()"};
/// Administrators' sessions idle out after 30 min: half a minute is exact enough.
constexpr std::uint64_t kSightingTicks = 37;  // about 30 s

constexpr Statement kNoteSightings{"sessions.note_sightings",
                                   "SELECT sec.note_sightings($1::uuid[])"};
constexpr Statement kDropSightings{"sessions.drop_sightings", "SELECT sec.drop_old_sightings()"};
constexpr Statement kDropResets{"credentials.drop_resets", "SELECT sec.drop_old_resets()"};
constexpr Statement kDropKeys{
    "idempotency.delete_old",
    "DELETE FROM core.idempotency WHERE created_at < now() - interval '24 hours'"};
constexpr Statement kNoteKeyUse{"api_keys.note_use", "SELECT sec.note_api_key_use($1, $2, $3)"};
constexpr Statement kDropErrors{"errors.delete_old",
                                "DELETE FROM ops.error_log WHERE at < now() - interval '30 days'"};

using Job = std::function<Task<void>(std::uint64_t count)>;
using Outcome = std::function<void(const std::exception* fault)>;

/// Runs `job` for ever, `every` from start to start, and tells `note` how each ended.
Task<void> repeat(std::chrono::milliseconds every, Job job, Outcome note) {
  const auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor);
  for (std::uint64_t count = 0;; ++count) {
    const auto next = std::chrono::steady_clock::now() + every;
    // One of the three places that catch everything: a job that fails is tried at the next tick.
    try {
      co_await job(count);
      note(nullptr);
    } catch (const std::exception& fault) {
      note(&fault);
    }
    timer.expires_at(next);
    boost::system::error_code stopped;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
  }
}

postgres::TransactionOptions within(std::chrono::seconds limit) {
  return {"", false, std::chrono::steady_clock::now() + limit};
}

}  // namespace

Background::Background(asio::io_context& io, const Store& store, SharedParts& shared,
                       events::EventRepository& shown)
    : io_(io),
      pool_(io, {"application_worker", store.conninfo("application_worker"), 1, 16,
                 std::chrono::milliseconds(2000)}),
      shared_(shared),
      shown_(shown) {}

void Background::start() {
  const Job job = [this](std::uint64_t count) -> Task<void> {
    shared_.take_rotated_keys();  // first: it needs no database
    return tick(count);
  };
  const Outcome note = [this](const std::exception* fault) {
    if (shared_.database_up.exchange(fault == nullptr) == (fault == nullptr)) return;
    if (fault == nullptr) {
      observability::log(observability::Level::Info, "database.up");
    } else {
      observability::log(observability::Level::Error, "database.down",
                         {{"why", std::string_view(fault->what())}});
    }
  };
  asio::co_spawn(io_, repeat(kTick, job, note), asio::detached);
}

void start_watch(asio::io_context& io, security::Watch& watch) {
  const Job job = [&watch](std::uint64_t) { return watch.tick(); };
  const Outcome note = [is_away = false](const std::exception* fault) mutable {
    if (fault != nullptr && !std::exchange(is_away, true)) {
      observability::log(observability::Level::Warning, "security.not_written",
                         {{"why", std::string_view(fault->what())}});
    }
    is_away = fault != nullptr;
  };
  asio::co_spawn(io, repeat(security::Watch::kEvery, job, note), asio::detached);
}

Task<void> Background::tick(std::uint64_t count) {
  co_await shared_.snapshot.refresh(shown_);
  co_await write_errors();
  if (count % kMinuteTicks == kMinuteTicks - 1) co_await drop_retired_keys();
  if (count % kSightingTicks == kSightingTicks - 1) co_await write_sightings();
  if (count % kKeyUseTicks == kKeyUseTicks - 1) co_await write_key_use();
  if (count % kSweepTicks == kSweepTicks - 1) co_await drop_old_rows();
}

Task<void> Background::write_errors() {
  const auto records = shared_.errors.drain();
  if (records.empty()) co_return;
  std::vector<std::vector<std::optional<std::string>>> columns(10);
  for (const auto& record : records) {
    const auto row = postgres::parameters(
        record.error_id, record.at, record.fingerprint, record.status, record.method, record.route,
        record.request_id, record.user_id, record.message, record.suppressed);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  postgres::Parameters values;
  for (const auto& column : columns) values.emplace_back(postgres::encode_array(column));
  co_await pool_.run(within(std::chrono::seconds(5)), kWriteErrors, std::move(values));
}

Task<void> Background::drop_retired_keys() {
  const postgres::Parameters none;
  co_await pool_.run(within(kSweepLimit), kDropRetiredKeys, none);
}

/// What a failed write loses is noted again by the session's next request.
Task<void> Background::write_sightings() {
  std::vector<std::optional<std::string>> ids;
  for (const Uuid& id : shared_.sightings.drain()) ids.emplace_back(to_string(id));
  if (ids.empty()) co_return;
  auto values = postgres::parameters(postgres::encode_array(ids));
  co_await pool_.run(within(std::chrono::seconds(5)), kNoteSightings, std::move(values));
}

Task<void> Background::write_key_use() {
  const auto uses = shared_.key_usage.pending();
  if (uses.empty()) co_return;
  std::vector<std::optional<std::string>> ids;
  std::vector<std::optional<std::string>> calls;
  std::vector<std::optional<std::string>> times;
  for (const auto& use : uses) {
    ids.emplace_back(postgres::encode(use.key_id));
    calls.emplace_back(postgres::encode(use.calls));
    times.emplace_back(postgres::encode(use.last));
  }
  auto values = postgres::parameters(postgres::encode_array(ids), postgres::encode_array(calls),
                                     postgres::encode_array(times));
  co_await pool_.run(within(std::chrono::seconds(5)), kNoteKeyUse, std::move(values));
  shared_.key_usage.written(uses);
}

Task<void> Background::drop_old_rows() {
  const postgres::Parameters none;
  co_await pool_.run(within(kSweepLimit), kDropSightings, none);
  co_await pool_.run(within(kSweepLimit), kDropResets, none);
  co_await pool_.run(within(kSweepLimit), kDropKeys, none);
  co_await pool_.run(within(kSweepLimit), kDropErrors, none);
}

}  // namespace evently::app
