#include <algorithm>
#include <boost/json/value.hpp>

#include "platform/json/json_reader.hpp"

namespace evently::json {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

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

/// application/json, with no parameter but charset=utf-8 (RFC 9110 §8.3.1; names in either case).
bool is_json(std::string_view content_type) {
  std::string folded(content_type);
  std::transform(folded.begin(), folded.end(), folded.begin(), lower);
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

}  // namespace

boost::json::object parse_body(const http::Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  if (request.header_count("content-type") != 1 || !is_json(type)) {
    throw http::BadRequest(http::Problem{
        415, "unsupported_media_type", "Content-Type must be application/json", {}, {}, {}});
  }
  boost::json::value value = parse_strict(request.body);
  if (value.is_object()) return std::move(value.as_object());
  throw http::BadRequest(
      http::validation_failed({{"", "", "not_an_object", "must be a JSON object"}}));
}

}  // namespace evently::json
