#include "platform/http/cors.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace evently::http {
namespace {

/// How long a browser may keep the answer to a preflight. source: Chromium's own limit is 7200 s
constexpr char kPreflightSeconds[] = "600";

bool is_host(std::string_view host) {
  const bool bracketed = host.starts_with('[') && host.ends_with(']') && host.size() > 4;
  const std::string_view inner = bracketed ? host.substr(1, host.size() - 2) : host;
  return !inner.empty() && inner.size() <= 253 &&
         std::all_of(inner.begin(), inner.end(), [bracketed](char c) {
           if (bracketed) return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == ':';
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
         });
}

bool is_port(std::string_view text, unsigned default_port) {
  unsigned port = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failed == std::errc() && end == text.data() + text.size() && !text.starts_with('0') &&
         port > 0 && port <= 65535 && port != default_port;
}

}  // namespace

bool is_origin(std::string_view text) {
  const bool secure = text.starts_with("https://");
  if (!secure && !text.starts_with("http://")) return false;
  const std::string_view rest = text.substr(secure ? 8 : 7);
  const std::size_t colon = rest.find(':', rest.starts_with('[') ? rest.find(']') : 0);
  if (!is_host(rest.substr(0, colon))) return false;
  return colon == std::string_view::npos || is_port(rest.substr(colon + 1), secure ? 443 : 80);
}

CorsPolicy::CorsPolicy(std::vector<std::string> origins) : origins_(std::move(origins)) {
  for (const std::string& origin : origins_) {
    if (!is_origin(origin)) throw std::invalid_argument("not an origin: " + origin);
  }
}

std::string_view CorsPolicy::allowed(const Request& request) const {
  const auto sent = request.header("origin");
  if (!sent || origins_.empty() || request.header_count("origin") != 1) return {};
  const auto found = std::find(origins_.begin(), origins_.end(), *sent);
  return found == origins_.end() ? std::string_view() : std::string_view(*found);
}

bool is_preflight(const Request& request) {
  return request.method == Method::Options && request.header("origin") &&
         request.header("access-control-request-method");
}

Response answer_preflight(const Problem& not_allowed) {
  Response response = no_content();
  for (const auto& [name, value] : not_allowed.headers) {
    if (name == "Allow") response.headers.emplace_back("Access-Control-Allow-Methods", value);
  }
  response.headers.emplace_back("Access-Control-Allow-Headers",
                                "authorization, content-type, idempotency-key, if-match, "
                                "if-none-match, traceparent, x-api-key, x-request-id");
  response.headers.emplace_back("Access-Control-Max-Age", kPreflightSeconds);
  return response;
}

}  // namespace evently::http
