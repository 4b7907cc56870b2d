#include "bookings/booking_desk.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <iterator>

#include "bookings/booking_statements.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::bookings {
namespace {

namespace asio = boost::asio;
using Time = std::chrono::steady_clock;

constexpr std::size_t kMaxBatch = 256;
constexpr std::size_t kMaxWaiting = 4096;
constexpr int kMaxAttempts = 8;
/// Doubling up to the second: about two seconds in all, long enough for PostgreSQL to recover.
constexpr std::chrono::milliseconds kFirstPause{30};
constexpr std::chrono::milliseconds kLongestPause{500};
constexpr std::chrono::milliseconds kConflictPause{8};
constexpr int kMaxRequeues = 3;
/// A batch may wait for locks of another node's batch, not for ever.
constexpr std::chrono::seconds kBatchLimit{10};

postgres::PoolOptions desk_pool(const char* name, const std::string& conninfo) {
  return {name, conninfo, 1, 16, std::chrono::milliseconds(2000)};
}

template <class Wish>
Time::time_point last_deadline(std::span<const Wish> wishes) {
  Time::time_point last = Time::time_point::min();
  for (const Wish& wish : wishes) last = std::max(last, wish.deadline);
  return last;
}

template <class Wish>
postgres::TransactionOptions transaction(std::span<const Wish> wishes) {
  return {"", false, std::min(last_deadline(wishes), Time::now() + kBatchLimit)};
}

std::vector<Answer<BookingVerdict>> all_faulty(std::size_t size, const std::exception_ptr& fault) {
  return std::vector<Answer<BookingVerdict>>(size, Answer<BookingVerdict>{{}, fault});
}

bool waits_for_its_key(const Answer<BookingVerdict>& answer) {
  return !answer.fault && !answer.verdict.booking &&
         answer.verdict.refusal.kind == BookingRefusal::Kind::KeyInFlight;
}

/// Another node had the same key or the same rows in the same moment, or a lost call of ours was
/// not dead yet; the next try finds it settled.
bool is_conflict(const postgres::QueryError& error) {
  const bool same_row =
      error.constraint == "idempotency_pkey" || error.constraint == "bookings_pkey";
  return (error.state == "23505" && same_row) || error.state == "40001" || error.state == "40P01";
}

/// The server, not a wish, is the trouble: cancelled at the deadline, out of something, a standby.
bool passes_by_itself(const postgres::QueryError& error) {
  return error.state.starts_with("57") || error.state.starts_with("53") ||
         error.state.starts_with("08") || error.state == "55P03" || error.state == "25006";
}

}  // namespace

BookingDesk::BookingDesk(const std::string& conninfo, observability::Metrics& metrics)
    : work_(asio::make_work_guard(io_)),
      metrics_(metrics),
      booking_pool_(io_, desk_pool("desk_bookings", conninfo)),
      cancel_pool_(io_, desk_pool("desk_cancels", conninfo)),
      bookings_(io_, kMaxBatch, kMaxWaiting,
                [this](std::vector<BookingWish> wishes) { return book_batch(std::move(wishes)); }),
      cancels_(io_, kMaxBatch, kMaxWaiting,
               [this](std::vector<CancelWish> wishes) { return cancel_batch(std::move(wishes)); }),
      thread_([this] { io_.run(); }) {}

BookingDesk::~BookingDesk() { stop(); }

void BookingDesk::stop() {
  if (!thread_.joinable()) return;
  work_.reset();
  io_.stop();
  thread_.join();
  bookings_.forget_all();
  cancels_.forget_all();
}

Task<BookingVerdict> BookingDesk::book(BookingWish wish) {
  wish.booking_id = make_uuid_v7();
  wish.reference = make_reference();
  const auto deadline = wish.deadline;
  auto verdict = co_await bookings_.submit(std::move(wish), deadline);
  co_return verdict;
}

Task<BookingVerdict> BookingDesk::cancel(CancelWish wish) {
  const auto deadline = wish.deadline;
  auto verdict = co_await cancels_.submit(std::move(wish), deadline);
  co_return verdict;
}

/// Runs a batch; wishes that found their key in the same batch go again, after it.
Task<BookingDesk::Answers> BookingDesk::book_batch(std::vector<BookingWish> wishes) {
  const auto began = Time::now();
  Answers answers = co_await commit(std::span<const BookingWish>(wishes));
  for (int turn = 0; turn < kMaxRequeues; ++turn) {
    std::vector<std::size_t> places;
    std::vector<BookingWish> waiting;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      if (!waits_for_its_key(answers[i])) continue;
      places.push_back(i);
      waiting.push_back(wishes[i]);
    }
    if (waiting.empty()) break;
    Answers later = co_await commit(std::span<const BookingWish>(waiting));
    for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(later[i]);
  }
  metrics_.batch_finished(wishes.size(),
                          std::chrono::duration<double>(Time::now() - began).count());
  co_return answers;
}

Task<BookingDesk::Answers> BookingDesk::cancel_batch(std::vector<CancelWish> wishes) {
  Answers answers = co_await commit(std::span<const CancelWish>(wishes));
  co_return answers;
}

template <class Wish>
Task<BookingDesk::Answers> BookingDesk::commit(std::span<const Wish> wishes) {
  std::exception_ptr fault;
  bool again = false;  // an earlier call may have taken effect
  auto pause = kFirstPause;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    bool halve = false;
    bool conflict = false;
    try {
      Answers answers = co_await call(wishes, again);
      co_return answers;
    } catch (const postgres::QueryError& error) {
      fault = std::current_exception();
      conflict = is_conflict(error);
      if (!conflict && passes_by_itself(error)) break;
      halve = !conflict;
      again = again || error.constraint == "bookings_pkey";
    } catch (const postgres::ConnectionLost& lost) {
      fault = std::current_exception();
      again = again || lost.sent;
      if (!again) break;  // nothing was begun, so nothing is owed: the caller may come again
    }
    if (halve && wishes.size() > 1) {
      Answers answers = co_await commit_halves(wishes);
      co_return answers;
    }
    if (halve) {
      metrics_.batch_poisoned();
      break;
    }
    if (last_deadline(wishes) < Time::now()) break;
    const auto wait = conflict ? kConflictPause : pause;
    co_await rest(wait);
    if (!conflict) pause = std::min(pause * 2, kLongestPause);
  }
  co_return all_faulty(wishes.size(), fault);
}

/// The batch as a whole raised, and was rolled back: somewhere in it is a wish that cannot be
/// carried out. Order of arrival stays.
template <class Wish>
Task<BookingDesk::Answers> BookingDesk::commit_halves(std::span<const Wish> wishes) {
  const std::size_t middle = wishes.size() / 2;
  Answers answers = co_await commit(wishes.first(middle));
  Answers rest_of_them = co_await commit(wishes.subspan(middle));
  std::move(rest_of_them.begin(), rest_of_them.end(), std::back_inserter(answers));
  co_return answers;
}

Task<BookingDesk::Answers> BookingDesk::call(std::span<const BookingWish> wishes, bool again) {
  const auto rows =
      co_await booking_pool_.run(transaction(wishes), kBook, book_parameters(wishes, again));
  co_return decode_verdicts(rows, wishes);
}

/// Cancelling twice is cancelling once, so `again` makes no difference.
Task<BookingDesk::Answers> BookingDesk::call(std::span<const CancelWish> wishes, bool) {
  const auto rows =
      co_await cancel_pool_.run(transaction(wishes), kCancel, cancel_parameters(wishes));
  co_return decode_cancelled(rows, wishes);
}

/// Between half of `longest` and all of it, so that nodes that met do not meet again.
Task<void> BookingDesk::rest(std::chrono::milliseconds longest) {
  std::uniform_int_distribution<std::int64_t> jitter(longest.count() / 2, longest.count());
  asio::steady_timer timer(io_, std::chrono::milliseconds(jitter(random_)));
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

}  // namespace evently::bookings
