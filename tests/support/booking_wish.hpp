#pragma once

#include <string>

#include "support/server_process.hpp"

namespace evently::testing {

/// Somebody new, an event of nine seats, and the wish for one of them.
struct BookingWish {
  Person person;
  std::string body;
  Headers plain;  ///< each time a booking of its own
  Headers keyed;  ///< one Idempotency-Key: the first is booked, the others repeat it

  Answer book(HttpClient& client) const { return client.post("/api/v1/bookings", body, plain); }
  Answer repeat(HttpClient& client) const { return client.post("/api/v1/bookings", body, keyed); }
};
BookingWish make_booking_wish(ServerProcess& server);

}  // namespace evently::testing
