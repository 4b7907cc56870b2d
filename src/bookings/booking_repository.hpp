#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "bookings/booking.hpp"
#include "bookings/booking_refusal.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::bookings {

struct BookingQuery {
  std::optional<Uuid> user_id, event_id;
  std::optional<std::string> status;
  std::optional<Uuid> before;  ///< id of the last booking of the page before
  std::int64_t limit = 20;
};

/// Reads. Whose bookings there are to see is decided by the pool's role and the signed context.
class BookingRepository {
 public:
  explicit BookingRepository(postgres::Pool& pool) : pool_(pool) {}

  /// Newest first.
  Task<std::vector<Booking>> list(postgres::TransactionOptions options, BookingQuery query);
  Task<std::optional<Booking>> find(postgres::TransactionOptions options, Uuid id);

 private:
  postgres::Pool& pool_;
};

Booking decode_booking(const postgres::Row& row);
/// Ten tickets may cost ten times what one may: a digit more than decode<Money> takes.
Money decode_total(const postgres::Row& row);

}  // namespace evently::bookings
