#include "platform/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <utility>

#include "platform/postgres/errors.hpp"

namespace evently::postgres {
namespace {

namespace asio = boost::asio;
using Wait = asio::posix::stream_descriptor::wait_type;

/// The server cancels at the deadline; when it does not even do that, we hang up this much later.
constexpr std::chrono::milliseconds kGrace{100};

// Everything up to the pipeline's sync is one implicit transaction: what fails takes the rest with
// it, nothing stays open behind an error, and SET LOCAL (set_config's `true`) ends with it. So
// there is no BEGIN and no COMMIT to send: less to get wrong. It is not faster: with them a
// transaction took the same time (38 µs for a read, medians of 15, PostgreSQL 15, unix socket). The
// first column must be empty: a context that outlived its transaction would act for somebody else.
// pool_pgtest.cpp holds all this to be true.
constexpr Statement kEnter{
    "postgres.enter",
    "SELECT current_setting('app.ctx', true), set_config('app.ctx', $1, true), "
    "set_config('statement_timeout', $2, true), set_config('transaction_read_only', $3, true)"};

// Decoders read UTC timestamps in ISO style, whatever the server's defaults are.
constexpr Statement kSession{
    "postgres.session",
    "SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false), "
    "set_config('client_min_messages', 'warning', false)"};

std::string statement_id(const Statement& statement) {
  return "s" + std::to_string(reinterpret_cast<std::uintptr_t>(statement.sql));
}

std::string milliseconds_left(Deadline deadline) {
  if (deadline == Deadline::max()) return "0";  // no limit
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
  constexpr std::int64_t kMax = 2'147'483'647;  // the setting's own limit, 24 days
  return std::to_string(std::clamp<std::int64_t>(left.count(), 1, kMax));
}

std::string error_field(const pg_result* result, int field) {
  const char* value = PQresultErrorField(result, field);
  return value == nullptr ? "" : value;
}

bool ends_connection(std::string_view state) {
  return state.empty() || state.starts_with("08") || state == "57P01" || state == "57P02" ||
         state == "57P03";
}

/// The table under a prepared statement changed, or the server forgot it: a new connection knows.
bool spoils_prepared(std::string_view state) { return state == "0A000" || state == "26000"; }

}  // namespace

struct Connection::Owed {
  enum class Kind { Prepare, Enter, Call };
  Kind kind;
  Statement statement;
};

struct Connection::Answer {
  std::vector<Rows> rows;
  std::optional<QueryError> failure;
};

Connection::Connection(asio::io_context& io) : io_(io), timer_(io) {}

Connection::~Connection() {
  if (socket_) socket_->release();  // libpq closes its own descriptor
  if (connection_ != nullptr) PQfinish(connection_);
}

bool Connection::is_ready() const {
  if (!clean_ || PQstatus(connection_) != CONNECTION_OK) return false;
  pollfd descriptor{PQsocket(connection_), POLLIN, 0};
  return ::poll(&descriptor, 1, 0) == 0;
}

void Connection::lose(const std::string& why) {
  clean_ = false;
  const bool expired = alarm_ && *alarm_;
  throw ConnectionLost(expired ? "no answer by the deadline" : why, sent_);
}

void Connection::arm(Deadline deadline) {
  alarm_ = std::make_shared<bool>(false);
  if (deadline >= Deadline::max() - kGrace) return;
  timer_.expires_at(deadline + kGrace);
  timer_.async_wait(
      [this, armed = std::weak_ptr<bool>(alarm_)](boost::system::error_code cancelled) {
        // It may ring and be disarmed before this runs: then the next transaction has another
        // alarm, or this connection is gone.
        const auto alarm = armed.lock();
        if (cancelled || !alarm) return;
        *alarm = true;
        if (socket_) socket_->cancel();
      });
}

void Connection::disarm() {
  alarm_.reset();
  timer_.cancel();
}

void Connection::settle_wait(const boost::system::error_code& failed) {
  const bool expired = alarm_ && *alarm_;
  // Cancelled, and not by our alarm: the caller went away. As everywhere in Asio.
  if (failed == asio::error::operation_aborted && !expired)
    throw boost::system::system_error(failed);
  if (failed || expired) lose("the wait was cut short: " + failed.message());
}

Task<void> Connection::wait_to_read() {
  boost::system::error_code failed;
  co_await socket_->async_wait(Wait::wait_read, asio::redirect_error(asio::use_awaitable, failed));
  settle_wait(failed);
}

Task<void> Connection::wait_to_read_or_write() {
  using asio::experimental::awaitable_operators::operator||;
  constexpr auto kToken = asio::as_tuple(asio::use_awaitable);
  auto first = co_await (socket_->async_wait(Wait::wait_read, kToken) ||
                         socket_->async_wait(Wait::wait_write, kToken));
  settle_wait(std::visit([](const auto& outcome) { return std::get<0>(outcome); }, first));
}

Task<void> Connection::open(std::string conninfo, Deadline deadline) {
  connection_ = PQconnectStart(conninfo.c_str());
  if (connection_ == nullptr || PQstatus(connection_) == CONNECTION_BAD) {
    lose(connection_ == nullptr ? "out of memory" : PQerrorMessage(connection_));
  }
  PQsetNoticeProcessor(connection_, [](void*, const char*) {}, nullptr);

  arm(deadline);
  PostgresPollingStatusType step = PGRES_POLLING_WRITING;
  while (step != PGRES_POLLING_OK) {
    // libpq may move to another descriptor between polls (a second host, a TLS retry).
    if (socket_) socket_->release();
    socket_ = std::make_unique<asio::posix::stream_descriptor>(io_, PQsocket(connection_));
    const Wait what = step == PGRES_POLLING_READING ? Wait::wait_read : Wait::wait_write;
    boost::system::error_code failed;
    co_await socket_->async_wait(what, asio::redirect_error(asio::use_awaitable, failed));
    settle_wait(failed);
    step = PQconnectPoll(connection_);
    if (step == PGRES_POLLING_FAILED) lose(PQerrorMessage(connection_));
  }
  disarm();
  if (PQsetnonblocking(connection_, 1) != 0 || PQenterPipelineMode(connection_) != 1) {
    lose(PQerrorMessage(connection_));
  }

  TransactionOptions options;
  options.deadline = deadline;
  std::vector<Call> calls;
  calls.push_back(Call{kSession, {}});
  send(options, calls);
  try {
    co_await receive();
  } catch (const ConnectionLost& lost) {
    throw ConnectionLost(lost.what(), false);  // nothing of the caller's was in it
  }
}

void Connection::put(const Statement& statement, const Parameters& values, bool is_call) {
  const std::string id = statement_id(statement);
  // Twice in one transaction: the first prepares it. accept() forgets what did not succeed.
  if (prepared_.insert(statement.sql).second) {
    // NOLINTNEXTLINE(bugprone-suspicious-stringview-data-usage): a literal's
    if (PQsendPrepare(connection_, id.c_str(), statement.sql, 0, nullptr) != 1) {
      lose(PQerrorMessage(connection_));
    }
    owed_.push_back({Owed::Kind::Prepare, statement});
  }
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const auto& value : values) pointers.push_back(value ? value->c_str() : nullptr);
  if (PQsendQueryPrepared(connection_, id.c_str(), static_cast<int>(values.size()), pointers.data(),
                          nullptr, nullptr, 0) != 1) {
    lose(PQerrorMessage(connection_));
  }
  owed_.push_back({is_call ? Owed::Kind::Call : Owed::Kind::Enter, statement});
}

void Connection::send(const TransactionOptions& options, const std::vector<Call>& calls) {
  for (const Call& call : calls) refuse_nul(call.statement.name, call.values);
  sent_ = false;
  clean_ = false;
  owed_.clear();
  arm(options.deadline);
  put(kEnter,
      {options.context, milliseconds_left(options.deadline), options.read_only ? "on" : "off"},
      false);
  for (const Call& call : calls) put(call.statement, call.values, true);
  // Without the sync the server commits nothing, whatever else it got.
  sent_ = true;
  if (PQpipelineSync(connection_) != 1) lose(PQerrorMessage(connection_));
}

/// Sends what libpq still holds while reading what comes, so that neither side can block the other
/// when a batch is larger than the socket's buffer.
Task<void> Connection::fill() {
  while (PQisBusy(connection_) == 1) {
    const int unsent = PQflush(connection_);
    if (unsent < 0) lose(PQerrorMessage(connection_));
    if (unsent == 1) {
      co_await wait_to_read_or_write();
    } else {
      co_await wait_to_read();
    }
    if (PQconsumeInput(connection_) != 1) lose(PQerrorMessage(connection_));
  }
}

void Connection::note_failure(std::string_view statement, const pg_result* result, Answer& answer) {
  if (answer.failure) return;
  const std::string state = error_field(result, PG_DIAG_SQLSTATE);
  const std::string message = error_field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (ends_connection(state)) lose(message.empty() ? PQerrorMessage(connection_) : message);
  answer.failure.emplace(std::string(statement), state,
                         error_field(result, PG_DIAG_CONSTRAINT_NAME), message);
}

void Connection::accept(const Owed& owed, pg_result* result, Answer& answer) {
  if (result == nullptr) lose("the server closed the connection");
  Rows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  const bool good = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
  if (!good && owed.kind == Owed::Kind::Prepare) prepared_.erase(owed.statement.sql);
  if (!good && status != PGRES_PIPELINE_ABORTED) note_failure(owed.statement.name, result, answer);
  if (!good) return;
  if (owed.kind == Owed::Kind::Enter && PQgetlength(result, 0, 0) != 0) {
    throw std::logic_error("a context outlived its transaction");
  }
  if (owed.kind == Owed::Kind::Call) answer.rows.push_back(std::move(rows));
}

Task<std::vector<Rows>> Connection::receive() {
  Answer answer;
  for (const Owed& owed : owed_) {
    if (PQisBusy(connection_) == 1) co_await fill();
    accept(owed, PQgetResult(connection_), answer);
    // A null ends each statement's results; a second result would be a bug of the protocol.
    if (PQisBusy(connection_) == 1) co_await fill();
    if (pg_result* surplus = PQgetResult(connection_)) {
      PQclear(surplus);
      lose("one statement gave two results");
    }
  }
  // The commit itself may be refused (a deferred constraint): an error before the sync.
  constexpr int kMostBeforeSync = 4;
  for (int left = kMostBeforeSync;; --left) {
    if (PQisBusy(connection_) == 1) co_await fill();
    const std::unique_ptr<pg_result, void (*)(pg_result*)> end(PQgetResult(connection_), PQclear);
    if (PQresultStatus(end.get()) == PGRES_PIPELINE_SYNC) break;
    if (left == 0) lose("the pipeline did not end in a sync");
    if (end) note_failure("postgres.commit", end.get(), answer);
  }
  disarm();
  clean_ = !(answer.failure && spoils_prepared(answer.failure->state));
  if (answer.failure) throw *answer.failure;
  co_return std::move(answer.rows);
}

}  // namespace evently::postgres
