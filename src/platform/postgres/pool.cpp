#include "platform/postgres/pool.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <deque>
#include <random>

#include "platform/postgres/connection.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::postgres {
namespace {

namespace asio = boost::asio;

/// After a failed connect nobody tries again for this long at first, doubling to the cap, less up
/// to a half by chance; calls meanwhile fail at once. Keeps a dead server from being hammered.
constexpr std::chrono::milliseconds kFirstBackoff{50};
constexpr std::chrono::milliseconds kMaxBackoff{1000};

using Time = std::chrono::steady_clock;

}  // namespace

class Pool::State {
 public:
  State(asio::io_context& io, PoolOptions options) : io_(io), options_(std::move(options)) {}

  class Lease;
  Task<Lease> take(Deadline deadline);
  void close();
  Usage usage() const { return {open_, open_ - idle_.size(), waiters_.size()}; }

 private:
  class Waiter;

  Task<void> wait_for_turn(Deadline deadline);
  Task<void> connect(Connection* connection, Deadline deadline);
  std::unique_ptr<Connection> ready_idle();
  void give_back(std::unique_ptr<Connection> connection);
  bool may_connect() const;
  std::size_t free_places() const;
  void call_next();
  void wake();
  void back_off();

  asio::io_context& io_;
  PoolOptions options_;
  std::vector<std::unique_ptr<Connection>> idle_;  // last used first: a quiet pool stays warm
  std::deque<Waiter*> waiters_;                    // first come, first served
  std::size_t open_ = 0;                           // idle, busy and connecting
  std::size_t promised_ = 0;  // places held for waiters that were called but have not run yet
  Time::time_point retry_at_{};
  std::chrono::milliseconds backoff_ = kFirstBackoff;
  std::minstd_rand chance_{std::random_device{}()};
  bool closed_ = false;
};

/// A place in the pool with its connection, given back however the call ends. A connection that is
/// not clean is dropped, so a call abandoned half-way never hands its transaction to the next.
class Pool::State::Lease {
 public:
  Lease(State& owner, std::unique_ptr<Connection> connection)
      : owner_(&owner), connection_(std::move(connection)) {}
  Lease(Lease&&) = default;
  Lease& operator=(Lease&&) = delete;
  ~Lease() {
    if (connection_) owner_->give_back(std::move(connection_));
  }
  Connection* operator->() const { return connection_.get(); }
  Connection* get() const { return connection_.get(); }

 private:
  State* owner_;
  std::unique_ptr<Connection> connection_;
};

/// A call in the queue; leaves it however the wait ends, and hands an unused turn on.
class Pool::State::Waiter {
 public:
  Waiter(State& owner, asio::io_context& io) : turn(io), owner_(owner) {
    owner_.waiters_.push_back(this);
  }
  ~Waiter() {
    if (!called) std::erase(owner_.waiters_, this);
    if (!called || taken) return;
    --owner_.promised_;
    owner_.wake();
  }
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;

  asio::steady_timer turn;
  bool called = false;
  bool taken = false;

 private:
  State& owner_;
};

bool Pool::State::may_connect() const {
  return open_ < options_.max_connections && Time::now() >= retry_at_;
}

std::size_t Pool::State::free_places() const {
  return idle_.size() + (may_connect() ? options_.max_connections - open_ : 0);
}

void Pool::State::call_next() {
  Waiter& waiter = *waiters_.front();
  waiters_.pop_front();
  waiter.called = true;
  ++promised_;
  waiter.turn.cancel();
}

/// Calls whom there is a place for. When the server is away and no connection is left, nobody would
/// call the others later: they are all called, to learn it at once.
void Pool::State::wake() {
  const bool is_away = open_ == 0 && Time::now() < retry_at_;
  while (!waiters_.empty() && (closed_ || is_away || free_places() > promised_)) call_next();
}

void Pool::State::back_off() {
  std::uniform_int_distribution<std::int64_t> jitter(backoff_.count() / 2, backoff_.count());
  retry_at_ = Time::now() + std::chrono::milliseconds(jitter(chance_));
  backoff_ = std::min(backoff_ * 2, kMaxBackoff);
}

Task<void> Pool::State::wait_for_turn(Deadline deadline) {
  if (waiters_.size() >= options_.max_waiting) {
    throw PoolExhausted(options_.name + ": the queue is full");
  }
  Waiter waiter(*this, io_);
  waiter.turn.expires_at(deadline);
  boost::system::error_code cancelled;
  co_await waiter.turn.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  if (!waiter.called) throw PoolExhausted(options_.name + ": no connection by the deadline");
  waiter.taken = true;
  --promised_;
}

/// The server may have restarted while the pool was quiet: what it hung up on is dropped here,
/// before anything is sent.
std::unique_ptr<Connection> Pool::State::ready_idle() {
  while (!idle_.empty()) {
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    if (connection->is_ready()) return connection;
    --open_;
  }
  return nullptr;
}

Task<void> Pool::State::connect(Connection* connection, Deadline deadline) {
  try {
    const Deadline limit = std::min(deadline, Deadline(Time::now() + options_.connect_timeout));
    co_await connection->open(options_.conninfo, limit);
  } catch (const boost::system::system_error& fault) {
    // A caller who went away meanwhile says nothing about the server.
    if (fault.code() != asio::error::operation_aborted) back_off();
    throw;
  } catch (const std::exception&) {
    back_off();
    throw;
  }
  backoff_ = kFirstBackoff;
}

Task<Pool::State::Lease> Pool::State::take(Deadline deadline) {
  if (closed_) throw PoolExhausted(options_.name + ": closed");
  // With nothing open and nobody about to open there is nothing to wait for: connect, or fail.
  if (free_places() <= promised_ && open_ + promised_ > 0) {
    co_await wait_for_turn(deadline);
    if (closed_) throw PoolExhausted(options_.name + ": closed");
  }
  if (auto idle = ready_idle()) co_return Lease(*this, std::move(idle));
  if (!may_connect()) {
    wake();
    throw ConnectionLost(options_.name + ": waiting to reconnect", false);
  }

  ++open_;
  Lease lease(*this, std::make_unique<Connection>(io_));
  co_await connect(lease.get(), deadline);
  co_return std::move(lease);
}

void Pool::State::give_back(std::unique_ptr<Connection> connection) {
  if (connection->is_clean() && !closed_) {
    idle_.push_back(std::move(connection));
  } else {
    --open_;
  }
  wake();
}

void Pool::State::close() {
  closed_ = true;
  open_ -= idle_.size();
  idle_.clear();
  wake();
}

Pool::Pool(asio::io_context& io, PoolOptions options)
    : state_(std::make_shared<State>(io, std::move(options))) {}

Pool::~Pool() { state_->close(); }

Task<std::vector<Rows>> Pool::run_all(TransactionOptions options, std::vector<Call> calls) {
  const std::shared_ptr<State> state = state_;  // outlives the pool until the call ends
  for (int attempt = 1;; ++attempt) {
    State::Lease lease = co_await state->take(options.deadline);
    try {
      lease->send(options, calls);
    } catch (const ConnectionLost&) {
      // An idle connection that died unseen: nothing took effect, so once more on another.
      if (attempt == 2) throw;
      continue;
    }
    co_return co_await lease->receive();
  }
}

Task<Rows> Pool::run(TransactionOptions options, Statement statement, Parameters values) {
  std::vector<Call> calls;
  calls.push_back(Call{statement, std::move(values)});
  auto rows = co_await run_all(std::move(options), std::move(calls));
  co_return std::move(rows.front());
}

void Pool::close() { state_->close(); }

Pool::Usage Pool::usage() const { return state_->usage(); }

}  // namespace evently::postgres
