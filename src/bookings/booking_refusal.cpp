#include "bookings/booking_refusal.hpp"

#include "platform/http/idempotency_key.hpp"

namespace evently::bookings {
namespace {

http::Problem conflict(const char* code, const char* title) {
  return {409, code, title, {}, {}, {}};
}

http::Problem seats_problem(const BookingRefusal& refusal, const char* code, const char* title) {
  return conflict(code, title)
      .with("available_seats", refusal.available)
      .with("waitlist_url", "/api/v1/events/" + to_string(refusal.event_id) + "/waitlist");
}

http::Problem not_bookable(const BookingRefusal& refusal) {
  http::Problem problem = conflict("event_not_bookable", "The event cannot be booked now")
                              .with("reason", refusal.reason);
  if (!refusal.sale_starts_at) return std::move(problem).with("sale_starts_at", nullptr);
  return std::move(problem).with("sale_starts_at", to_rfc3339(*refusal.sale_starts_at));
}

}  // namespace

http::Problem to_problem(const BookingRefusal& refusal) {
  using Kind = BookingRefusal::Kind;
  switch (refusal.kind) {
    case Kind::Denied:
      return http::authentication_required();
    case Kind::Forbidden:
      return http::insufficient_permissions(refusal.required, refusal.role);
    case Kind::NotFound:
      return http::not_found();
    case Kind::NotBookable:
      return not_bookable(refusal);
    case Kind::PurchaseLimit:
      return conflict("purchase_limit", "More seats than one person may book")
          .with("limit", refusal.limit)
          .with("already_booked", refusal.already_booked);
    case Kind::SoldOut:
      return seats_problem(refusal, "sold_out", "Sold out");
    case Kind::InsufficientSeats:
      return seats_problem(refusal, "insufficient_seats", "Fewer seats are left");
    case Kind::KeyMismatch:
      return http::idempotency_mismatch();
    case Kind::KeyInFlight:
      return conflict("idempotency_in_flight",
                      "The first request with this Idempotency-Key is still running")
          .with_header("Retry-After", "1");
  }
  unreachable("BookingRefusal");
}

}  // namespace evently::bookings
