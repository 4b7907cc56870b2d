#include "platform/json/json_reader.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_text_rules.hpp"

namespace evently::json {
namespace {

/// More faults than a form has fields help nobody; a body of 13,000 unknown members must not
/// become an answer twenty times its size.
constexpr std::size_t kMaxFaults = 32;

std::string length_message(const TextRule& rule) {
  const std::string most = std::to_string(rule.max_characters) + " characters";
  if (rule.min_characters == 0) return "must have at most " + most;
  return "must have " + std::to_string(rule.min_characters) + " to " + most;
}

}  // namespace

ObjectReader::ObjectReader(const boost::json::object& object, std::string pointer_prefix)
    : object_(object), prefix_(std::move(pointer_prefix)) {}

ObjectReader::ObjectReader(const Body& body)
    : object_(body.object), faults_(body.faults), from_body_(faults_.size()) {}

bool ObjectReader::has(std::string_view name) const { return object_.contains(name); }

void ObjectReader::fault(std::string_view name, std::string code, std::string message) {
  if (faults_.size() >= kMaxFaults) return;
  std::string pointer = prefix_;
  append_pointer(pointer, name);
  const auto same = [&](const http::FieldFault& known) { return known.pointer == pointer; };
  const auto end = faults_.begin() + static_cast<std::ptrdiff_t>(from_body_);
  if (std::any_of(faults_.begin(), end, same)) return;
  faults_.push_back({field_of(pointer), std::move(pointer), std::move(code), std::move(message)});
}

const boost::json::value* ObjectReader::take(std::string_view name, bool required) {
  seen_.emplace_back(name);
  const boost::json::value* value = object_.if_contains(name);
  if (value != nullptr && !value->is_null()) return value;
  if (required) fault(name, "required", "is required");
  return nullptr;
}

const boost::json::value* ObjectReader::required_member(std::string_view name) {
  return take(name, true);
}

std::string ObjectReader::required_text(std::string_view name, TextRule rule) {
  if (!has(name) || object_.at(name).is_null()) {
    take(name, true);
    return "";
  }
  return optional_text(name, rule).value_or("");
}

std::optional<std::string> ObjectReader::optional_text(std::string_view name, TextRule rule) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    fault(name, "invalid_type", "must be a string");
    return std::nullopt;
  }
  const std::string_view text = value->get_string();
  const std::size_t size = count_characters(text);
  if (size < rule.min_characters || size > rule.max_characters) {
    fault(name, "out_of_range", length_message(rule));
  } else if (rule.min_characters > 0 && is_blank(text)) {
    fault(name, "blank", "must not be blank");
  } else if (has_control(text, rule.multiline)) {
    fault(name, "invalid_text", "must not contain control characters");
  }
  return std::string(text);
}

std::int64_t ObjectReader::required_integer(std::string_view name, std::int64_t low,
                                            std::int64_t high) {
  if (!has(name) || object_.at(name).is_null()) {
    take(name, true);
    return low;
  }
  return optional_integer(name, low, high).value_or(low);
}

std::optional<std::int64_t> ObjectReader::optional_integer(std::string_view name, std::int64_t low,
                                                           std::int64_t high) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64()) {
    fault(name, "invalid_type", "must be an integer");
    return std::nullopt;
  }
  const std::int64_t number = value->get_int64();
  if (number < low || number > high) {
    fault(name, "out_of_range",
          "must be between " + std::to_string(low) + " and " + std::to_string(high));
  }
  return number;
}

Uuid ObjectReader::required_uuid(std::string_view name) {
  if (!has(name) || object_.at(name).is_null()) {
    take(name, true);
    return {};
  }
  return optional_uuid(name).value_or(Uuid{});
}

std::optional<Uuid> ObjectReader::optional_uuid(std::string_view name) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  const auto id = value->is_string() ? parse_uuid(value->get_string()) : std::nullopt;
  if (!id) fault(name, "invalid_uuid", "must be a UUID");
  return id;
}

TimePoint ObjectReader::required_time(std::string_view name) {
  if (!has(name) || object_.at(name).is_null()) {
    take(name, true);
    return {};
  }
  return optional_time(name).value_or(TimePoint{});
}

std::optional<TimePoint> ObjectReader::optional_time(std::string_view name) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  const auto time = value->is_string() ? parse_rfc3339(value->get_string()) : std::nullopt;
  if (!time) fault(name, "invalid_time", "must be an RFC 3339 time like 2026-11-24T18:00:00Z");
  return time;
}

std::optional<Money> ObjectReader::optional_money(std::string_view name) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  const auto amount = value->is_string() ? parse_money(value->get_string()) : std::nullopt;
  if (!amount) fault(name, "invalid_amount", "must be a decimal string like \"99.99\"");
  return amount;
}

std::optional<bool> ObjectReader::optional_bool(std::string_view name) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  if (!value->is_bool()) {
    fault(name, "invalid_type", "must be true or false");
    return std::nullopt;
  }
  return value->get_bool();
}

std::optional<std::string> ObjectReader::optional_choice(
    std::string_view name, std::initializer_list<std::string_view> allowed) {
  const auto* value = take(name, false);
  if (value == nullptr) return std::nullopt;
  std::string list;
  for (const std::string_view choice : allowed) {
    if (value->is_string() && std::string_view(value->get_string()) == choice)
      return std::string(choice);
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  fault(name, "unknown_value", "must be one of " + list);
  return std::nullopt;
}

void ObjectReader::finish() {
  for (const auto& member : object_) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(seen_.begin(), seen_.end(), name) != seen_.end()) continue;
    if (faults_.size() >= kMaxFaults) break;
    fault(name, "unknown_member", "is not a member of this request");
  }
  if (!faults_.empty()) throw http::BadRequest(http::validation_failed(std::move(faults_)));
}

}  // namespace evently::json
