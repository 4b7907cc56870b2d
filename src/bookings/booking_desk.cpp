#include "bookings/booking_desk.hpp"

#include <algorithm>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bookings/booking_statements.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::bookings {
namespace {

namespace asio = boost::asio;
using Time = std::chrono::steady_clock;

constexpr std::size_t kMaxBatch = 256;
constexpr std::size_t kMaxWaiting = 4096;
constexpr int kMaxAttempts = 6;
constexpr std::chrono::milliseconds kFirstPause{30};  // doubling: about a second in all
constexpr int kMaxRequeues = 3;
/// A batch may wait for locks of another node's batch, not for ever.
constexpr std::chrono::seconds kBatchLimit{10};

postgres::PoolOptions desk_pool(const char* name, const std::string& conninfo) {
  return {name, conninfo, 1, 16, std::chrono::milliseconds(2000)};
}

template <class Wish>
Time::time_point batch_deadline(const std::vector<Wish>& wishes) {
  Time::time_point last = Time::now();
  for (const Wish& wish : wishes) last = std::max(last, wish.deadline);
  return std::min(last, Time::now() + kBatchLimit);
}

std::vector<Answer<BookingVerdict>> all_faulty(std::size_t size, const std::exception_ptr& fault) {
  return std::vector<Answer<BookingVerdict>>(size, Answer<BookingVerdict>{{}, fault});
}

/// Another node had the same rows in the same moment; the next try finds them settled.
bool is_conflict(const postgres::QueryError& error) {
  return error.state == "23505" || error.state == "40001" || error.state == "40P01";
}

/// The server, not a wish, is the trouble: shutting down, starting, cancelled at the deadline.
bool passes_by_itself(const postgres::QueryError& error) {
  return error.state.starts_with("57") || error.state.starts_with("53") || error.state.starts_with("08");
}

}  // namespace

BookingDesk::BookingDesk(const std::string& conninfo, observability::Metrics& metrics)
    : work_(asio::make_work_guard(io_)),
      metrics_(metrics),
      booking_pool_(io_, desk_pool("desk_bookings", conninfo)),
      cancel_pool_(io_, desk_pool("desk_cancels", conninfo)),
      bookings_(io_, kMaxBatch, kMaxWaiting, [this](std::vector<BookingWish> wishes) { return book_batch(std::move(wishes)); }),
      cancels_(io_, kMaxBatch, kMaxWaiting, [this](std::vector<CancelWish> wishes) { return cancel_batch(std::move(wishes)); }),
      thread_([this] { io_.run(); }) {}

BookingDesk::~BookingDesk() {
  work_.reset();
  io_.stop();
  thread_.join();
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
  Answers answers = co_await book_with_retries(wishes);
  for (int turn = 0; turn < kMaxRequeues; ++turn) {
    std::vector<std::size_t> places;
    std::vector<BookingWish> again;
    for (std::size_t i = 0; i < wishes.size(); ++i) {
      const bool in_flight = !answers[i].fault && !answers[i].verdict.booking &&
                             answers[i].verdict.refusal.kind == BookingRefusal::Kind::KeyInFlight;
      if (!in_flight) continue;
      places.push_back(i);
      again.push_back(wishes[i]);
    }
    if (again.empty()) break;
    Answers later = co_await book_with_retries(again);
    for (std::size_t i = 0; i < places.size(); ++i) answers[places[i]] = std::move(later[i]);
  }
  metrics_.batch_finished(wishes.size(), std::chrono::duration<double>(Time::now() - began).count());
  co_return answers;
}

Task<BookingDesk::Answers> BookingDesk::book_with_retries(std::vector<BookingWish> wishes) {
  std::exception_ptr fault;
  auto pause = kFirstPause;
  for (int attempt = 1; attempt <= kMaxAttempts; ++attempt) {
    bool halve = false;
    try {
      Answers answers = co_await book_once(wishes, attempt > 1);
      co_return answers;
    } catch (const postgres::QueryError& error) {
      fault = std::current_exception();
      halve = !is_conflict(error) && !passes_by_itself(error);
    } catch (const postgres::ConnectionLost&) {
      fault = std::current_exception();
    } catch (const std::exception&) {
      co_return all_faulty(wishes.size(), std::current_exception());
    }
    if (halve) {
      Answers answers = co_await book_halves(std::move(wishes));
      co_return answers;
    }
    const bool in_vain = std::all_of(wishes.begin(), wishes.end(), [](const BookingWish& wish) { return wish.deadline < Time::now(); });
    if (in_vain) break;
    asio::steady_timer timer(io_, pause);
    pause *= 2;
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return all_faulty(wishes.size(), fault);
}

/// The batch as a whole raised: somewhere in it is a wish that cannot be carried out.
Task<BookingDesk::Answers> BookingDesk::book_halves(std::vector<BookingWish> wishes) {
  if (wishes.size() == 1) {
    std::exception_ptr fault;
    try {
      Answers alone = co_await book_once(wishes, true);
      co_return alone;
    } catch (const std::exception&) {
      fault = std::current_exception();
    }
    metrics_.batch_poisoned();
    co_return all_faulty(1, fault);
  }
  const auto middle = wishes.begin() + static_cast<long>(wishes.size() / 2);
  Answers answers;
  for (const auto& [begin, end] : {std::pair(wishes.begin(), middle), std::pair(middle, wishes.end())}) {
    std::vector<BookingWish> half(begin, end);
    Answers part = co_await book_with_retries(half);
    for (auto& answer : part) answers.push_back(std::move(answer));
  }
  co_return answers;
}

Task<BookingDesk::Answers> BookingDesk::book_once(std::vector<BookingWish> wishes, bool again) {
  postgres::TransactionOptions options{"", false, batch_deadline(wishes)};
  const auto rows = co_await booking_pool_.run(std::move(options), kBook, book_parameters(wishes, again));
  co_return decode_verdicts(rows, wishes);
}

Task<BookingDesk::Answers> BookingDesk::cancel_batch(std::vector<CancelWish> wishes) {
  std::exception_ptr fault;
  for (int attempt = 1; attempt <= 3; ++attempt) {  // cancelling twice is cancelling once: just again
    try {
      postgres::TransactionOptions options{"", false, batch_deadline(wishes)};
      const auto rows = co_await cancel_pool_.run(std::move(options), kCancel, cancel_parameters(wishes));
      co_return decode_cancelled(rows, wishes);
    } catch (const std::exception&) {
      fault = std::current_exception();
    }
    asio::steady_timer timer(io_, kFirstPause * attempt);
    boost::system::error_code ignored;
    co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  }
  co_return all_faulty(wishes.size(), fault);
}

}  // namespace evently::bookings
