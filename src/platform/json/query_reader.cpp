#include "platform/json/query_reader.hpp"

#include <algorithm>
#include <charconv>

#include "platform/json/json_text_rules.hpp"

namespace evently::json {
namespace {

constexpr std::size_t kMaxFaults = 32;

}  // namespace

std::optional<std::string_view> QueryReader::take(std::string_view name) {
  seen_.emplace_back(name);
  return request_.query_value(name);
}

void QueryReader::fault(std::string_view name, std::string code, std::string message) {
  if (faults_.size() >= kMaxFaults) return;
  faults_.push_back({std::string(shorten_name(name)), "", std::move(code), std::move(message)});
}

std::optional<std::string> QueryReader::optional_text(std::string_view name,
                                                      std::size_t max_characters) {
  const auto text = take(name);
  if (!text || text->empty()) return std::nullopt;
  if (count_characters(*text) > max_characters) {
    fault(name, "out_of_range",
          "must have at most " + std::to_string(max_characters) + " characters");
  } else if (has_control(*text, false)) {
    fault(name, "invalid_text", "must not contain control characters");
  }
  return std::string(*text);
}

std::optional<std::int64_t> QueryReader::optional_integer(std::string_view name, std::int64_t low,
                                                          std::int64_t high) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_number = parsed.ec == std::errc() && parsed.ptr == text->data() + text->size();
  if (!is_number || number < low || number > high) {
    fault(name, "out_of_range",
          "must be an integer between " + std::to_string(low) + " and " + std::to_string(high));
    return std::nullopt;
  }
  return number;
}

std::optional<Uuid> QueryReader::optional_uuid(std::string_view name) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  const auto id = parse_uuid(*text);
  if (!id) fault(name, "invalid_uuid", "must be a UUID");
  return id;
}

std::optional<TimePoint> QueryReader::optional_time(std::string_view name) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  auto time = parse_rfc3339(*text);
  if (!time) time = parse_date(*text);
  if (!time) fault(name, "invalid_time", "must be a date or an RFC 3339 time");
  return time;
}

std::optional<TimePoint> QueryReader::optional_end(std::string_view name) {
  const auto time = optional_time(name);
  const bool is_day = time && parse_date(request_.query_value(name).value_or(""));
  return is_day ? *time + std::chrono::days(1) : time;
}

std::optional<std::string> QueryReader::optional_choice(
    std::string_view name, std::initializer_list<std::string_view> allowed) {
  const auto text = take(name);
  if (!text) return std::nullopt;
  std::string list;
  for (const std::string_view choice : allowed) {
    if (*text == choice) return std::string(choice);
    list += (list.empty() ? "" : ", ") + std::string(choice);
  }
  fault(name, "unknown_value", "must be one of " + list);
  return std::nullopt;
}

std::optional<bool> QueryReader::optional_bool(std::string_view name) {
  const auto choice = optional_choice(name, {"true", "false"});
  if (!choice) return std::nullopt;
  return *choice == "true";
}

bool QueryReader::flag(std::string_view name) { return optional_bool(name).value_or(false); }

void QueryReader::finish() {
  for (std::size_t i = 0; i < request_.query.size() && faults_.size() < kMaxFaults; ++i) {
    const std::string& name = request_.query[i].first;
    const auto same = [&](const auto& other) { return other.first == name; };
    if (std::find(seen_.begin(), seen_.end(), name) == seen_.end()) {
      fault(name, "unknown_parameter", "is not a parameter of this request");
    } else if (std::any_of(request_.query.begin(), request_.query.begin() + static_cast<long>(i),
                           same)) {
      fault(name, "repeated_parameter", "must stand once");
    }
  }
  if (!faults_.empty()) throw http::BadRequest(http::validation_failed(std::move(faults_)));
}

}  // namespace evently::json
