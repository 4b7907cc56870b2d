#include "app/background.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

namespace asio = boost::asio;
using postgres::Statement;

/// Pages are at most a second old: a little less between refreshes leaves room for the query.
constexpr std::chrono::milliseconds kTick{800};
constexpr std::chrono::seconds kSweepLimit{60};
constexpr std::uint64_t kSweepTicks = 4500;  // about an hour

constexpr Statement kWriteErrors{
    "errors.insert",
    "INSERT INTO ops.error_log (error_id, at, fingerprint, status, method, route, request_id, user_id, message, suppressed)"
    " SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::integer[], $5::text[], $6::text[], $7::text[], $8::uuid[], $9::text[], $10::integer[])"};
constexpr Statement kDropKeys{"idempotency.delete_old",
                              "DELETE FROM core.idempotency WHERE created_at < now() - interval '24 hours'"};
constexpr Statement kDropErrors{"errors.delete_old", "DELETE FROM ops.error_log WHERE at < now() - interval '30 days'"};

postgres::TransactionOptions within(std::chrono::seconds limit) {
  return {"", false, std::chrono::steady_clock::now() + limit};
}

}  // namespace

Background::Background(asio::io_context& io, const Store& store, SharedParts& shared, events::EventRepository& shown)
    : io_(io),
      pool_(io, {"application_worker", store.conninfo("application_worker"), 1, 16, std::chrono::milliseconds(2000)}),
      shared_(shared),
      shown_(shown) {}

void Background::start() { asio::co_spawn(io_, tick_for_ever(), asio::detached); }

Task<void> Background::tick_for_ever() {
  asio::steady_timer timer(io_);
  for (std::uint64_t count = 0;; ++count) {
    const auto next = std::chrono::steady_clock::now() + kTick;
    // One of the three places that catch everything: a job that fails is tried at the next tick.
    try {
      co_await tick(count);
      if (!shared_.database_up.exchange(true)) observability::log(observability::Level::Info, "database.up");
    } catch (const std::exception& fault) {
      if (shared_.database_up.exchange(false)) {
        observability::log(observability::Level::Error, "database.down", {{"why", std::string_view(fault.what())}});
      }
    }
    timer.expires_at(next);
    boost::system::error_code stopped;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
  }
}

Task<void> Background::tick(std::uint64_t count) {
  co_await shared_.snapshot.refresh(shown_);
  co_await write_errors();
  if (count % kSweepTicks == kSweepTicks - 1) co_await drop_old_rows();
}

Task<void> Background::write_errors() {
  const auto records = shared_.errors.drain();
  if (records.empty()) co_return;
  std::vector<std::vector<std::optional<std::string>>> columns(10);
  for (const auto& record : records) {
    const auto row = postgres::parameters(record.error_id, record.at, record.fingerprint, record.status, record.method,
                                          record.route, record.request_id, record.user_id, record.message, record.suppressed);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  postgres::Parameters values;
  for (const auto& column : columns) values.emplace_back(postgres::encode_array(column));
  co_await pool_.run(within(std::chrono::seconds(5)), kWriteErrors, std::move(values));
}

Task<void> Background::drop_old_rows() {
  const postgres::Parameters none;
  co_await pool_.run(within(kSweepLimit), kDropKeys, none);
  co_await pool_.run(within(kSweepLimit), kDropErrors, none);
}

}  // namespace evently::app
