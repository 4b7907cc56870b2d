#include "bookings/booking_json.hpp"

#include <boost/json/object.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::bookings {
namespace {

void write(json::JsonWriter& out, const Booking& booking) {
  out.begin_object()
      .member("id", booking.id)
      .member("booking_reference", booking.reference)
      .member("event_id", booking.event_id)
      .member("user_id", booking.user_id)
      .member("quantity", booking.quantity)
      .member("total_amount", booking.total_amount)
      .member("currency", booking.currency)
      .member("status", booking.status)
      .member("created_at", booking.created_at)
      .member("cancelled_at", booking.cancelled_at)
      .key("event")
      .begin_object()
      .member("name", booking.event_name)
      .member("event_date", booking.event_date)
      .member("venue", booking.venue)
      .end_object()
      .end_object();
}

}  // namespace

NewBooking parse_new_booking(const http::Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  NewBooking wish;
  wish.event_id = reader.required_uuid("event_id");
  wish.quantity = static_cast<std::int32_t>(reader.required_integer("quantity", 1, kMaxQuantity));
  wish.user_id = reader.optional_uuid("user_id");
  reader.finish();
  return wish;
}

std::string to_json(const Booking& booking) {
  json::JsonWriter out;
  write(out, booking);
  return out.take();
}

std::string list_json(const std::vector<Booking>& bookings, const std::string& next_cursor) {
  json::JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const Booking& booking : bookings) write(out, booking);
  out.end_array().key("next_cursor");
  if (next_cursor.empty()) {
    out.null();
  } else {
    out.value(next_cursor);
  }
  out.end_object();
  return out.take();
}

}  // namespace evently::bookings
