#include "platform/json/media_type.hpp"

#include <algorithm>

#include "platform/http/encoding.hpp"

namespace evently::json {
namespace {

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

/// The part before the next `;`, without the white space around it.
std::string_view take_part(std::string_view& rest) {
  const std::size_t end = std::min(rest.find(';'), rest.size());
  const std::string_view part = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

}  // namespace

bool is_json(std::string_view content_type) {
  const std::string folded = http::ascii_lower(content_type);
  std::string_view rest = folded;
  if (take_part(rest) != "application/json") return false;
  while (!rest.empty()) {
    const std::string_view parameter = take_part(rest);
    if (parameter != "" && parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"") {
      return false;
    }
  }
  return true;
}

}  // namespace evently::json
