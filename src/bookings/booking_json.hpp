#pragma once

#include <string>
#include <vector>

#include "bookings/booking.hpp"
#include "bookings/booking_repository.hpp"
#include "platform/http/request.hpp"

namespace evently::bookings {

struct NewBooking {
  Uuid event_id;
  std::int32_t quantity = 1;
  std::optional<Uuid> user_id;
};

/// Throws http::BadRequest with all faults.
NewBooking parse_new_booking(const http::Request& request);

std::string to_json(const Booking& booking);
std::string list_json(const std::vector<Booking>& bookings, const std::string& next_cursor);

}  // namespace evently::bookings
