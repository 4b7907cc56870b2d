// A body is refused as the client's fault, or is JSON that says the same when written and read
// again.
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>

#include "platform/http/problem.hpp"
#include "platform/json/json_body.hpp"

namespace {

namespace json = boost::json;

/// Boost.JSON 1.81 reads a fraction to a few units in its last place, which is enough: no field of
/// the API takes one. All else is the same to the letter.
bool same(const json::value& one, const json::value& other) {
  if (one.kind() != other.kind()) return false;
  if (one.is_double()) {
    const double most = std::abs(one.get_double()) * 1e-14 + std::numeric_limits<double>::min();
    return std::abs(one.get_double() - other.get_double()) <= most;
  }
  if (one.is_array()) {
    const json::array& left = one.get_array();
    const json::array& right = other.get_array();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
  }
  if (one.is_object()) {
    const json::object& left = one.get_object();
    const json::object& right = other.get_object();
    return left.size() == right.size() && std::ranges::all_of(left, [&](const auto& member) {
             const json::value* found = right.if_contains(member.key());
             return found != nullptr && same(member.value(), *found);
           });
  }
  return one == other;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  json::value value;
  try {
    value = evently::json::parse_strict({reinterpret_cast<const char*>(data), size});
  } catch (const evently::http::BadRequest&) {
    return 0;
  }
  if (!same(evently::json::parse_strict(json::serialize(value)), value)) abort();
  return 0;
}
