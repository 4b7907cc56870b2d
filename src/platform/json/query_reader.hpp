#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace evently::json {

/// Reads query parameters as ObjectReader reads members: all faults at once, unknown and repeated
/// parameters refused by finish().
class QueryReader {
 public:
  explicit QueryReader(const http::Request& request) : request_(request) {}

  std::optional<std::string> optional_text(std::string_view name, std::size_t max_characters);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t low,
                                               std::int64_t high);
  std::optional<Uuid> optional_uuid(std::string_view name);
  /// RFC 3339, or a date: midnight UTC.
  std::optional<TimePoint> optional_time(std::string_view name);
  /// What lies before it is in: an RFC 3339 time, or a date whose whole day (UTC) is in.
  std::optional<TimePoint> optional_end(std::string_view name);
  std::optional<std::string> optional_choice(std::string_view name,
                                             std::initializer_list<std::string_view> allowed);
  std::optional<bool> optional_bool(std::string_view name);  ///< true | false
  bool flag(std::string_view name);                          ///< true | false, absent is false
  void fault(std::string_view name, std::string code, std::string message);
  void finish();

 private:
  std::optional<std::string_view> take(std::string_view name);

  const http::Request& request_;
  std::vector<std::string> seen_;
  std::vector<http::FieldFault> faults_;
};

}  // namespace evently::json
