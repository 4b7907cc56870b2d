#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace boost::json {
class value;   // NOLINT(readability-identifier-naming): theirs
class object;  // NOLINT(readability-identifier-naming): theirs
}  // namespace boost::json

namespace evently::json {

struct Body;

struct TextRule {
  std::size_t min_characters = 1;  ///< Unicode code points
  std::size_t max_characters = 200;
  bool multiline = false;  ///< allows \n and \t; other C0 controls and DEL are always refused
};

/// Reads members of an object, collecting every fault instead of stopping at the first.
/// Reading an absent optional member, or one that is null, gives nullopt. After the last read
/// call finish(): it adds `unknown_member` for each member nobody read and throws BadRequest
/// (400, all details) when there was any fault. Values read before finish() are placeholders
/// when faulty, so use them only after it.
class ObjectReader {
 public:
  explicit ObjectReader(const boost::json::object& object, std::string pointer_prefix = "");
  /// finish() throws the body's own faults first.
  explicit ObjectReader(const Body& body);

  std::string required_text(std::string_view name, TextRule rule);
  std::optional<std::string> optional_text(std::string_view name, TextRule rule);
  std::int64_t required_integer(std::string_view name, std::int64_t low, std::int64_t high);
  std::optional<std::int64_t> optional_integer(std::string_view name, std::int64_t low,
                                               std::int64_t high);
  Uuid required_uuid(std::string_view name);
  std::optional<Uuid> optional_uuid(std::string_view name);
  TimePoint required_time(std::string_view name);
  std::optional<TimePoint> optional_time(std::string_view name);
  std::optional<Money> optional_money(std::string_view name);  ///< a decimal string
  std::optional<bool> optional_bool(std::string_view name);
  std::optional<std::string> optional_choice(std::string_view name,
                                             std::initializer_list<std::string_view> allowed);
  /// Of a kind not named here, for the caller to judge; nullptr when it is not there.
  const boost::json::value* required_member(std::string_view name);

  /// True when the member stands in the object, even as null (PATCH: null clears).
  bool has(std::string_view name) const;
  /// A rule the reader does not know, found by the caller.
  void fault(std::string_view name, std::string code, std::string message);
  void finish();

 private:
  const boost::json::value* take(std::string_view name, bool required);

  const boost::json::object& object_;
  std::string prefix_;
  std::vector<std::string> seen_;
  std::vector<http::FieldFault> faults_;
  std::size_t from_body_ = 0;  ///< so many of them; what they are about is not judged again
};

/// For acts that take no members: throws as parse_body() unless the body is empty or `{}`.
void expect_no_members(const http::Request& request);

}  // namespace evently::json
