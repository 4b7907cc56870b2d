#pragma once

#include <vector>

#include "bookings/booking_desk.hpp"
#include "bookings/booking_repository.hpp"
#include "platform/http/route.hpp"
#include "platform/json/cursor.hpp"

namespace evently::bookings {

class BookingRoutes {
 public:
  /// `own` reads as application_user, `all` as application_admin.
  BookingRoutes(BookingDesk& desk, BookingRepository& own, BookingRepository& all,
                const json::CursorCodec& cursors)
      : desk_(desk), own_(own), all_(all), cursors_(cursors) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> create(http::Request request);
  Task<http::Response> list(http::Request request);
  Task<http::Response> show(http::Request request);
  Task<http::Response> cancel(http::Request request);
  BookingRepository& readable_by(const http::Request& request) const;

  BookingDesk& desk_;
  BookingRepository& own_;
  BookingRepository& all_;
  const json::CursorCodec& cursors_;
};

}  // namespace evently::bookings
