#include "events/event_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <fstream>

#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::events {
namespace {

using json::ObjectReader;

constexpr json::TextRule kLine{1, 200, false};
constexpr json::TextRule kLongText{0, 20'000, true};

/// An IANA name the system knows: a compiled zone (RFC 8536 begins with "TZif").
bool is_time_zone(const std::string& name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '/' || c == '-' || c == '+';
  });
  if (name == "UTC") return true;
  if (!plain || name.empty() || name.front() == '/') return false;
  std::ifstream zone("/usr/share/zoneinfo/" + name, std::ios::binary);
  std::array<char, 4> magic{};
  zone.read(magic.data(), magic.size());
  return zone && std::string_view(magic.data(), magic.size()) == "TZif";
}

/// An optional member: absent leaves the value, null clears it.
template <class T, class Read>
void lay_over(const ObjectReader& reader, std::string_view name, std::optional<T>& value,
              Read read) {
  auto fresh = read();
  if (reader.has(name)) value = std::move(fresh);
}

void read_optional_members(ObjectReader& reader, Event& event) {
  event.description = reader.optional_text("description", kLongText).value_or(event.description);
  lay_over(reader, "city", event.city, [&] { return reader.optional_text("city", kLine); });
  lay_over(reader, "country", event.country,
           [&] { return reader.optional_text("country", kLine); });
  event.online = reader.optional_bool("online").value_or(event.online);
  lay_over(reader, "topic", event.topic,
           [&] { return reader.optional_text("topic", {1, 60, false}); });
  lay_over(reader, "url", event.url, [&] { return reader.optional_text("url", {1, 2000, false}); });
  lay_over(reader, "ends_at", event.ends_at, [&] { return reader.optional_time("ends_at"); });
  event.time_zone = reader.optional_text("time_zone", {1, 64, false}).value_or(event.time_zone);
  event.price = reader.optional_money("price").value_or(event.price);
  event.currency = reader.optional_text("currency", {3, 3, false}).value_or(event.currency);
  lay_over(reader, "sale_starts_at", event.sale_starts_at,
           [&] { return reader.optional_time("sale_starts_at"); });
  lay_over(reader, "sale_ends_at", event.sale_ends_at,
           [&] { return reader.optional_time("sale_ends_at"); });
  const auto most = reader.optional_integer("max_per_user", 1, 1000);
  if (most) event.max_per_user = static_cast<std::int32_t>(*most);
}

/// Members that every event has: a change may leave them out, but not take them away.
void refuse_nulls(ObjectReader& reader, const boost::json::object& body) {
  for (const std::string_view name :
       {"name", "venue", "event_date", "total_capacity", "status", "description", "online",
        "time_zone", "price", "currency", "max_per_user"}) {
    const auto* value = body.if_contains(name);
    if (value != nullptr && value->is_null()) {
      reader.fault(name, "required", "must not be null");
    }
  }
}

void check(ObjectReader& reader, const Event& event) {
  if (event.url && !is_web_url(*event.url))
    reader.fault("url", "invalid_url", "must begin with https:// or http://");
  if (!is_time_zone(event.time_zone))
    reader.fault("time_zone", "unknown_value", "must be an IANA time zone");
  if (!is_currency(event.currency))
    reader.fault("currency", "unknown_value", "must be an ISO 4217 code");
  if (event.ends_at && *event.ends_at < event.event_date) {
    reader.fault("ends_at", "out_of_range", "must not be before event_date");
  }
  if (event.sale_starts_at && event.sale_ends_at && *event.sale_ends_at <= *event.sale_starts_at) {
    reader.fault("sale_ends_at", "out_of_range", "must be after sale_starts_at");
  }
}

void write(json::JsonWriter& out, const Event& event) {
  out.begin_object()
      .member("id", event.id)
      .member("name", event.name)
      .member("description", event.description)
      .member("description_html", render_markdown(event.description))
      .member("venue", event.venue)
      .member("city", event.city)
      .member("country", event.country)
      .member("online", event.online)
      .member("topic", event.topic)
      .member("url", event.url)
      .member("event_date", event.event_date)
      .member("ends_at", event.ends_at)
      .member("time_zone", event.time_zone)
      .member("total_capacity", event.capacity)
      .member("available_seats", event.available)
      .member("price", event.price)
      .member("currency", event.currency)
      .member("status", event.status)
      .member("sale_starts_at", event.sale_starts_at)
      .member("sale_ends_at", event.sale_ends_at)
      .member("max_per_user", event.max_per_user)
      .member("waitlist_policy", event.waitlist_policy)
      .member("version", event.version)
      .member("created_at", event.created_at)
      .member("updated_at", event.updated_at)
      .end_object();
}

}  // namespace

Event parse_new_event(const http::Request& request) {
  const json::Body body = json::parse_body(request);
  ObjectReader reader(body);
  Event event;
  event.name = reader.required_text("name", kLine);
  event.venue = reader.required_text("venue", kLine);
  event.event_date = reader.required_time("event_date");
  event.capacity =
      static_cast<std::int32_t>(reader.required_integer("total_capacity", 1, kMaxCapacity));
  event.available = event.capacity;
  event.status = reader.optional_choice("status", {"draft", "active"}).value_or("active");
  read_optional_members(reader, event);
  check(reader, event);
  reader.finish();
  return event;
}

Event parse_event_patch(const http::Request& request, Event event) {
  const json::Body body = json::parse_body(request);
  ObjectReader reader(body);
  event.name = reader.optional_text("name", kLine).value_or(event.name);
  event.venue = reader.optional_text("venue", kLine).value_or(event.venue);
  event.event_date = reader.optional_time("event_date").value_or(event.event_date);
  const auto seats = reader.optional_integer("total_capacity", 1, kMaxCapacity);
  if (seats) event.capacity = static_cast<std::int32_t>(*seats);
  const std::string status = event.status;
  event.status = reader.optional_choice("status", {"draft", "active", "cancelled", "completed"})
                     .value_or(status);
  if (event.status != status &&
      (event.status == "draft" || event.status == "cancelled" || status == "cancelled")) {
    reader.fault("status", "invalid_change",
                 "cannot change from " + status + " to " + event.status);
  }
  refuse_nulls(reader, body.object);
  read_optional_members(reader, event);
  check(reader, event);
  reader.finish();
  return event;
}

std::string to_json(const Event& event) {
  json::JsonWriter out;
  write(out, event);
  return out.take();
}

std::string list_json(const std::vector<std::string_view>& events, const std::string& next_cursor) {
  json::JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const std::string_view event : events) out.raw(event);
  out.end_array().key("next_cursor");
  if (next_cursor.empty()) {
    out.null();
  } else {
    out.value(next_cursor);
  }
  out.end_object();
  return out.take();
}

}  // namespace evently::events
