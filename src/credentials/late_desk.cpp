#include "credentials/late_desk.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/uuid.hpp"
#include "credentials/credential_mails.hpp"
#include "credentials/reset_codes.hpp"
#include "platform/observability/log.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::credentials {
namespace {

namespace asio = boost::asio;
using Time = std::chrono::steady_clock;

/// Longer than a restart of the database; whoever waits for a mail longer asks again.
constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::seconds kTryLimit{5};
constexpr std::chrono::milliseconds kPause{500};
/// Of the two seconds that a drain leaves.
constexpr std::chrono::milliseconds kStopLimit{500};

constexpr postgres::Statement kBegin{"credentials.begin_code",
                                     "SELECT email FROM sec.begin_code($1, $2, $3, $4, $5, $6)"};
constexpr postgres::Statement kFailed{"credentials.note_sign_in_failure",
                                      "SELECT sec.note_sign_in_failure($1)"};

}  // namespace

LateDesk::LateDesk(const std::string& conninfo, const postgres::ContextSigner& signer,
                   mail::Mailer& mailer, observability::Metrics& metrics, MailRule resets,
                   MailRule sign_ins, std::size_t max_waiting)
    : work_(asio::make_work_guard(io_)),
      signer_(signer),
      mailer_(mailer),
      metrics_(metrics),
      resets_(resets),
      sign_ins_(sign_ins),
      max_waiting_(max_waiting),
      pool_(io_, {"desk_late", conninfo, 1, 1, std::chrono::milliseconds(2000)}),
      thread_([this] { io_.run(); }) {}

LateDesk::~LateDesk() { stop(); }

void LateDesk::post(accounts::LateWish wish) {
  bool has_room = false;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    has_room = !stopping_ && waiting_.size() < max_waiting_;
    if (has_room) {
      waiting_.push_back({std::move(wish), Time::now() + kPatience});
      wake = !std::exchange(busy_, true);
    }
  }
  if (!has_room) lose("the queue is full", 1);
  if (wake) asio::co_spawn(io_, serve(), asio::detached);  // ends when nothing waits
}

std::size_t LateDesk::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() + (busy_ ? 1 : 0);
}

void LateDesk::stop() {
  if (!thread_.joinable()) return;
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    idle_.wait_for(lock, kStopLimit, [this] { return !busy_; });
  }
  work_.reset();
  io_.stop();
  thread_.join();
  const std::size_t left = waiting();
  if (left > 0) lose("the program ended", left);
  waiting_.clear();
  busy_ = false;
}

std::optional<LateDesk::Waiting> LateDesk::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) {
    busy_ = false;
    idle_.notify_all();
    return std::nullopt;
  }
  Waiting next = std::move(waiting_.front());
  waiting_.pop_front();
  return next;
}

Task<void> LateDesk::serve() {
  for (auto next = take(); next; next = take()) {
    const std::string why = co_await carry_out(std::move(*next));
    if (!why.empty()) lose(why, 1);
  }
}

/// A wish whose transaction was lost under way may get a second row; its code was never mailed.
Task<std::string> LateDesk::carry_out(Waiting waiting) {
  std::string why = "the database stayed away";
  while (Time::now() < waiting.deadline) {
    why = co_await try_once(waiting.wish);
    if (why.empty()) break;
    co_await rest();
  }
  co_return why;
}

Task<std::string> LateDesk::try_once(const accounts::LateWish& wish) {
  const std::string context = signer_.sign({{}, {}, wish.request_id, wish.client_address});
  const postgres::TransactionOptions options{context, false, Time::now() + kTryLimit};
  try {
    if (wish.kind == accounts::LateWish::Kind::Failure) {
      auto values = postgres::parameters(postgres::encode_bytes(wish.lookup));
      co_await pool_.run(options, kFailed, std::move(values));
    } else {
      co_await mail_code(wish, options);
    }
    co_return "";
  } catch (const postgres::QueryError& fault) {
    co_return "the database refused: " + fault.state;
  } catch (const postgres::ConnectionLost&) {
    co_return "the database is away";
  } catch (const postgres::PoolExhausted&) {
    co_return "the database is away";
  }
}

/// A row is written for an unknown address too, so that its time is that of a known one.
Task<void> LateDesk::mail_code(const accounts::LateWish& wish,
                               postgres::TransactionOptions options) {
  const bool is_reset = wish.kind == accounts::LateWish::Kind::ResetCode;
  const MailRule rule = is_reset ? resets_ : sign_ins_;
  const std::string purpose = is_reset ? "reset" : "sign_in";
  const std::string code = make_reset_code();
  auto values = postgres::parameters(make_uuid_v7(), purpose, postgres::encode_bytes(wish.lookup),
                                     stored_reset_code(code), rule.most, rule.seconds);
  const auto rows = co_await pool_.run(std::move(options), kBegin, std::move(values));
  if (rows.empty()) co_return;
  auto email = rows[0].get<std::string>("email");
  // What a full mail queue refuses is counted and logged there.
  mailer_.post(is_reset ? reset_mail(std::move(email), code)
                        : sign_in_code_mail(std::move(email), code));
}

Task<void> LateDesk::rest() {
  asio::steady_timer timer(io_, kPause);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

void LateDesk::lose(std::string_view why, std::size_t count) {
  metrics_.count("evently_late_wishes_lost_total", static_cast<double>(count));
  observability::log(observability::Level::Error, "late_wish.lost", {{"why", why}});
}

}  // namespace evently::credentials
