// One header field's value, given to everything that reads the value of one: refused as the
// client's fault, or read for what it says.
#include <algorithm>
#include <boost/json/object.hpp>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "browser/csrf_tokens.hpp"
#include "events/event_tag.hpp"
#include "platform/http/cors.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/idempotency_key.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/wire/request_intake.hpp"
#include "platform/json/json_body.hpp"

namespace {

using namespace evently;

http::Request with(const std::string& name, std::string_view value) {
  http::Request request;
  request.method = http::Method::Post;
  request.headers.emplace_back(name, value);
  return request;
}

void check_idempotency_key(std::string_view value) {
  try {
    const std::string key = http::idempotency_key(with("idempotency-key", value));
    if (key != value || key.empty() || key.size() > 255) abort();
  } catch (const http::BadRequest& refused) {
    if (refused.problem.status != 400) abort();
  }
}

/// What names no version of ours is 412, never another version.
void check_tags(std::string_view value) {
  if (const auto version = events::version_in(value)) {
    events::Event event;
    event.version = *version;
    const std::string tag = events::event_etag(event, "");
    if (events::version_in(tag) != version) abort();
    if (value.find(std::to_string(*version)) == std::string_view::npos) abort();
  }
  const bool any = value.find('*') != std::string_view::npos;
  const std::string tag = "\"7-0123456789abcdef\"";
  if (http::matches_etag(value, tag) && !any && value.find(tag) == std::string_view::npos) abort();
  if (!http::matches_etag(tag + "," + std::string(value), tag)) abort();
}

std::string in_lower_case(std::string_view value) {
  std::string lower(value);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return lower;
}

void check_media(std::string_view value) {
  const std::string lower = in_lower_case(value);
  const bool named =
      lower.find("gzip") != std::string::npos || lower.find('*') != std::string::npos;
  if (http::accepts_gzip(with("accept-encoding", value)) && !named) abort();

  http::Request request = with("content-type", value);
  request.body = "{}";
  try {
    if (!json::parse_body(request).object.empty()) abort();
    if (lower.find("application/json") == std::string::npos) abort();
  } catch (const http::BadRequest& refused) {
    if (refused.problem.status != 415) abort();
  }
}

/// Only what the operator wrote is an origin that may read; what looks like one is serialised so.
void check_origin(std::string_view value) {
  static const http::CorsPolicy policy({"https://app.example"});
  const std::string_view allowed = policy.allowed(with("origin", value));
  if (allowed != (value == "https://app.example" ? value : std::string_view())) abort();
  if (!http::is_origin(value)) return;
  const auto strange = [](char c) { return c <= ' ' || c > '~' || (c >= 'A' && c <= 'Z'); };
  if (std::any_of(value.begin(), value.end(), strange) || value.find('@') != value.npos) abort();
}

/// Both go into log lines and answers.
void check_ids(std::string_view value) {
  const std::string id = http::choose_request_id(with("x-request-id", value));
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  };
  if (id.size() < 8 || id.size() > 64 || !std::all_of(id.begin(), id.end(), plain)) abort();
  http::Request traced = with("traceparent", value);
  http::drop_malformed_trace(traced);
  if (traced.header("traceparent").has_value() != http::is_traceparent(value)) abort();
}

void check_csrf_token(std::string_view value) {
  static const browser::CsrfTokens csrf(std::string(32, 'c'));
  if (csrf.verify(value, "somebody")) abort();  // who does not have the key makes none
  const std::string binding = browser::binding_of_pre_cookie(value);
  if (binding.empty()) return;
  if (binding != value || !csrf.verify(csrf.issue(binding), binding)) abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view value(reinterpret_cast<const char*>(data), size);
  check_idempotency_key(value);
  check_tags(value);
  check_media(value);
  check_origin(value);
  check_ids(value);
  check_csrf_token(value);
  return 0;
}
