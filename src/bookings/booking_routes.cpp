#include "bookings/booking_routes.hpp"

#include "bookings/booking_json.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/idempotency_key.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/query_reader.hpp"

namespace evently::bookings {
namespace {

using http::Method;
using http::Request;
using http::Response;

/// What a key stands for: the wish itself, however its JSON was spelled.
std::string fingerprint_of(const NewBooking& wish) {
  const std::string target = wish.user_id ? to_string(*wish.user_id) : "";
  return crypto::sha256(to_string(wish.event_id) + "|" + std::to_string(wish.quantity) + "|" +
                        target);
}

postgres::TransactionOptions reading(const Request& request) {
  return {request.principal->context, true, request.deadline};
}

Response mark_replayed(Response response, const BookingVerdict& verdict) {
  if (verdict.replayed) http::mark_replayed(response);
  return response;
}

constexpr char kListPurpose[] = "bookings";

}  // namespace

std::vector<http::Route> BookingRoutes::table() {
  return {
      {Method::Post, "/api/v1/bookings", http::proved_in_statement("booking:create"), "booking",
       [this](Request r) { return create(std::move(r)); }},
      {Method::Get, "/api/v1/bookings", http::needs("booking:read:own"), "read",
       [this](Request r) { return list(std::move(r)); }},
      {Method::Get, "/api/v1/bookings/{booking_id}", http::needs("booking:read:own"), "read",
       [this](Request r) { return show(std::move(r)); }},
      {Method::Post, "/api/v1/bookings/{booking_id}/cancel", http::needs("booking:cancel:own"), "",
       [this](Request r) { return cancel(std::move(r)); }},
  };
}

BookingRepository& BookingRoutes::readable_by(const Request& request) const {
  return request.principal->role == "admin" ? all_ : own_;
}

/// Books seats.
///   in    {"event_id", "quantity": 1..10[, "user_id"]}, header Idempotency-Key
///   out   201 booking + Location | 404 | 409 sold_out, insufficient_seats, event_not_bookable,
///         purchase_limit, idempotency_in_flight | 422 idempotency_mismatch | 503
Task<Response> BookingRoutes::create(Request request) {
  const NewBooking asked = parse_new_booking(request);
  BookingWish wish;
  wish.context = request.principal->context;
  wish.event_id = asked.event_id;
  wish.user_id = asked.user_id;
  wish.quantity = asked.quantity;
  wish.key = http::idempotency_key(request);
  if (!wish.key.empty()) wish.fingerprint = fingerprint_of(asked);
  wish.deadline = request.deadline;

  BookingVerdict verdict = co_await desk_.book(std::move(wish));
  if (verdict.refusal.role.empty()) verdict.refusal.role = request.principal->role;
  if (!verdict.booking) co_return mark_replayed(http::render(to_problem(verdict.refusal)), verdict);
  const std::string location = "/api/v1/bookings/" + to_string(verdict.booking->id);
  co_return mark_replayed(http::created(location, to_json(*verdict.booking)), verdict);
}

/// Own bookings, newest first; administrators see all and may filter by person and event.
Task<Response> BookingRoutes::list(Request request) {
  json::QueryReader reader(request);
  BookingQuery query;
  query.limit = reader.optional_integer("limit", 1, 100).value_or(20) + 1;
  query.status = reader.optional_choice("status", {"held", "confirmed", "cancelled", "expired"});
  query.event_id = reader.optional_uuid("event_id");
  if (request.principal->role == "admin") query.user_id = reader.optional_uuid("user_id");
  const auto cursor = reader.optional_text("cursor", 500);
  if (cursor) {
    const auto parts = cursors_.decode(kListPurpose, *cursor);
    if (parts) query.before = parse_uuid(parts->at(0));
    if (!query.before) reader.fault("cursor", "invalid_cursor", "is not a cursor of this list");
  }
  reader.finish();

  auto bookings = co_await readable_by(request).list(reading(request), query);
  std::string next;
  if (bookings.size() == static_cast<std::size_t>(query.limit)) {
    bookings.pop_back();
    next = cursors_.encode(kListPurpose, {to_string(bookings.back().id)});
  }
  Response response = http::json(200, list_json(bookings, next));
  if (!next.empty())
    response.headers.emplace_back(
        "Link", "<" + http::target_with_cursor(request, next) + ">; rel=\"next\"");
  co_return response;
}

/// One booking; somebody else's is as absent as one that never was.
Task<Response> BookingRoutes::show(Request request) {
  const auto id = parse_uuid(request.path_parameter("booking_id"));
  if (!id) co_return http::render(http::not_found());
  const auto booking = co_await readable_by(request).find(reading(request), *id);
  if (!booking) co_return http::render(http::not_found());
  co_return http::json(200, to_json(*booking));
}

/// Gives the seats back. Cancelling twice is 200 with the same body.
Task<Response> BookingRoutes::cancel(Request request) {
  json::expect_no_members(request);
  http::idempotency_key(request);  // checked; a second cancel is a replay by nature
  const auto id = parse_uuid(request.path_parameter("booking_id"));
  if (!id) co_return http::render(http::not_found());
  CancelWish wish{request.principal->context, *id, request.deadline};
  const BookingVerdict verdict = co_await desk_.cancel(std::move(wish));
  if (!verdict.booking) co_return http::render(to_problem(verdict.refusal));
  co_return http::json(200, to_json(*verdict.booking));
}

}  // namespace evently::bookings
