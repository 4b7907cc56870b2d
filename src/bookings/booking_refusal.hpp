#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/unreachable.hpp"
#include "base/uuid.hpp"
#include "platform/http/problem.hpp"

namespace evently::bookings {

/// Why a booking was refused: an expected answer, with the numbers it names.
struct BookingRefusal {
  enum class Kind {
    Denied,     ///< the session does not live
    Forbidden,  ///< may not book, or not for that person
    NotFound,
    NotBookable,
    PurchaseLimit,
    SoldOut,
    InsufficientSeats,
    KeyMismatch,
    KeyInFlight,
  };
  Kind kind = Kind::Denied;
  Uuid event_id;
  std::int64_t available = 0;
  std::int64_t limit = 0;
  std::int64_t already_booked = 0;
  std::string reason;  ///< cancelled | over | sale_not_started | sale_ended
  std::optional<TimePoint> sale_starts_at;
  std::string required;  ///< Forbidden: the permission that is missing
  std::string role;      ///< Forbidden: the caller's live role
};

http::Problem to_problem(const BookingRefusal& refusal);

}  // namespace evently::bookings
