#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <thread>

#include "base/result.hpp"
#include "bookings/booking.hpp"
#include "bookings/booking_refusal.hpp"
#include "bookings/group_commit.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::bookings {

struct BookingWish {
  std::string context;  ///< signed; proved inside PostgreSQL
  Uuid event_id;
  std::optional<Uuid> user_id;  ///< for whom; absent: the caller
  std::int32_t quantity = 1;
  std::string key;          ///< Idempotency-Key; empty: none
  std::string fingerprint;  ///< SHA-256 of what was asked
  std::chrono::steady_clock::time_point deadline;
  Uuid booking_id;  ///< set by the desk; the same through all retries
  std::string reference;
};

struct BookingVerdict {
  std::optional<Booking> booking;  ///< or the refusal
  BookingRefusal refusal{};
  bool replayed = false;
};

struct CancelWish {
  std::string context;
  Uuid booking_id;
  std::chrono::steady_clock::time_point deadline;
};

/// The hot path: all bookings that wait on this node go, in arrival order, into one transaction
/// across all events (core.book, group commit). A wish is answered when its batch is durable.
/// Thread-safe; has a thread and two connections of its own.
///
/// A batch that fails as a whole is halved until the poisonous wish is alone; a conflict with
/// another node's batch is tried again. When the connection is lost with a batch on its way, nobody
/// knows whether it took effect: it goes again as it was, and a booking whose id exists is
/// answered, not made twice. Every try ends at the wishes' deadlines.
class BookingDesk {
 public:
  BookingDesk(const std::string& conninfo, observability::Metrics& metrics);
  ~BookingDesk();
  BookingDesk(const BookingDesk&) = delete;
  BookingDesk& operator=(const BookingDesk&) = delete;

  Task<BookingVerdict> book(BookingWish wish);
  Task<BookingVerdict> cancel(CancelWish wish);

  /// Ends the desk's thread; later wishes are never answered. Call it before the io_contexts of
  /// those who may still wait are gone, and after their threads.
  void stop();

 private:
  using Answers = std::vector<Answer<BookingVerdict>>;

  Task<Answers> book_batch(std::vector<BookingWish> wishes);
  Task<Answers> cancel_batch(std::vector<CancelWish> wishes);
  // The batch lives in the caller's frame, which awaits these.
  template <class Wish>
  Task<Answers> commit(std::span<const Wish> wishes);
  template <class Wish>
  Task<Answers> commit_halves(std::span<const Wish> wishes);
  Task<Answers> call(std::span<const BookingWish> wishes, bool again);
  Task<Answers> call(std::span<const CancelWish> wishes, bool again);
  Task<void> rest(std::chrono::milliseconds longest);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  observability::Metrics& metrics_;
  std::minstd_rand random_{std::random_device{}()};  ///< the desk thread's own
  postgres::Pool booking_pool_;
  postgres::Pool cancel_pool_;
  GroupCommit<BookingWish, BookingVerdict> bookings_;
  GroupCommit<CancelWish, BookingVerdict> cancels_;
  std::thread thread_;
};

}  // namespace evently::bookings
