#include "platform/http/wire/request_intake.hpp"

#include <algorithm>

#include "platform/http/encoding.hpp"

namespace evently::http {
namespace {

bool is_request_id(std::string_view text) {
  if (text.size() < 8 || text.size() > 64) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

bool is_lower_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) {
  return text.find_first_not_of('0') == std::string_view::npos;
}

bool is_visible(std::string_view target) {
  return std::all_of(target.begin(), target.end(),
                     [](char c) { return c > 0x20 && c < 0x7f && c != '#'; });
}

/// Takes `http://host` off an absolute-form (RFC 9112 §3.2.2), when it names the host that Host
/// names: where the two differ, one of them misled somebody before us.
void drop_own_origin(Request& request) {
  const std::string_view target = request.target;
  const std::size_t mark = target.find("://");
  if (target.starts_with('/') || mark == std::string_view::npos) return;
  const std::string_view scheme = target.substr(0, mark);
  if (!equal_ignoring_case(scheme, "http") && !equal_ignoring_case(scheme, "https")) return;
  const std::size_t begin = mark + 3;
  const std::size_t end = std::min(target.find_first_of("/?#", begin), target.size());
  if (!equal_ignoring_case(target.substr(begin, end - begin), request.header("host").value_or("")))
    return;
  std::string rest(target.substr(end));
  if (!rest.starts_with('/')) rest.insert(rest.begin(), '/');
  request.target = std::move(rest);
}

}  // namespace

bool read_target(Request& request) {
  drop_own_origin(request);
  const std::string_view target = request.target;
  if (!target.starts_with('/') || !is_visible(target)) return false;
  const std::size_t mark = target.find('?');
  const std::string_view path = target.substr(0, mark);
  // Decoded, it would look like a separator to one reader and not to the next.
  if (path.find("%2F") != std::string_view::npos || path.find("%2f") != std::string_view::npos) {
    return false;
  }
  auto decoded = percent_decode(path, false);
  if (!decoded) return false;
  request.path = std::move(*decoded);
  if (mark == std::string_view::npos) return true;
  auto query = parse_query(target.substr(mark + 1));
  if (!query) return false;
  request.query = std::move(*query);
  return true;
}

std::string choose_request_id(const Request& request) {
  const auto sent = request.header("x-request-id");
  if (sent && is_request_id(*sent)) return std::string(*sent);
  return to_string(make_uuid_v7());
}

bool is_traceparent(std::string_view text) {
  if (text.size() != 55 || !text.starts_with("00-") || text[35] != '-' || text[52] != '-') {
    return false;
  }
  const std::string_view trace = text.substr(3, 32);
  const std::string_view parent = text.substr(36, 16);
  return is_lower_hex(trace) && is_lower_hex(parent) && is_lower_hex(text.substr(53)) &&
         !is_zero(trace) && !is_zero(parent);
}

void drop_malformed_trace(Request& request) {
  const auto sent = request.header("traceparent");
  if (!sent) return;
  if (is_traceparent(*sent) && request.header_count("traceparent") == 1) return;
  std::erase_if(request.headers, [](const auto& field) { return field.first == "traceparent"; });
}

}  // namespace evently::http
