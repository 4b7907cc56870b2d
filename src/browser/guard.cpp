#include "browser/guard.hpp"

#include "platform/json/media_type.hpp"

namespace evently::browser {
namespace {

using http::Access;
using http::Request;
using observability::SecurityEventType;

bool changes_something(http::Method method) {
  return method != http::Method::Get && method != http::Method::Head &&
         method != http::Method::Options;
}

/// A header that may stand once: nullopt when absent, "" when it stands twice.
std::optional<std::string_view> only(const Request& request, std::string_view name) {
  if (request.header_count(name) > 1) return "";
  return request.header(name);
}

/// JSON by the same rule as for programs: no list, no parameter but charset=utf-8. What a page can
/// send to another site without being asked first is never this (Fetch standard, CORS-safelisted
/// request-header: the essence must be that of a form or of text).
bool is_json(const Request& request) {
  const auto type = only(request, "content-type");
  return type && json::is_json(*type);
}

/// Signed in by nothing that a browser adds by itself.
bool brings_own_credential(const Request& request) {
  return request.header("authorization") || request.header("x-api-key");
}

/// Is this a browser, for a route that needs no session? Programs send none of the three.
bool looks_like_browser(const Request& request, const Cookies& cookies, const Access& access) {
  if (cookies.any) return true;
  return access.screen == Access::Screen::Browsers &&
         (request.header("origin") || request.header("sec-fetch-site"));
}

Refusal csrf_failed(std::string detail) {
  http::Problem problem{403, "csrf_failed", "The request does not come from our pages", {}, {}, {}};
  return {std::move(problem), SecurityEventType::CsrfFailed, std::move(detail)};
}
Refusal not_json() {
  http::Problem problem{
      415, "unsupported_media_type", "Content-Type must be application/json", {}, {}, {}};
  return {std::move(problem), SecurityEventType::CsrfFailed, "media_type"};
}

}  // namespace

http::Problem ambiguous_credentials() {
  return {400, "ambiguous_credentials", "Send one credential", {}, {}, {}};
}

bool Guard::comes_from_our_pages(const Request& request) const {
  const auto site = only(request, "sec-fetch-site");
  if (site) return *site == "same-origin";
  const auto origin = only(request, "origin");
  return origin && origins_.contains(*origin);
}

std::string Guard::binding_of(const Cookies& cookies) const {
  if (cookies.has_session) {
    const auto claims = tokens_.verify(cookies.session, clock_.now());
    if (claims) return binding_of_session(claims->jti);
  }
  return binding_of_pre_cookie(cookies.pre);
}

std::optional<Refusal> Guard::check(const Request& request, const Access& access) const {
  const Cookies cookies = read_cookies(request);
  if (cookies.doubled) {
    return Refusal{ambiguous_credentials(), SecurityEventType::SuspiciousRequest, "cookie_tossing"};
  }
  if (!changes_something(request.method) || access.screen == Access::Screen::Never) return {};
  if (brings_own_credential(request)) {
    if (!cookies.has_session) return {};
    return Refusal{ambiguous_credentials(), SecurityEventType::SuspiciousRequest,
                   "two_credentials"};
  }
  if (access.kind == Access::Kind::Public) {
    if (!looks_like_browser(request, cookies, access)) return {};
  } else if (!cookies.has_session || !tokens_.verify(cookies.session, clock_.now())) {
    return {};  // nobody is signed in: the door says so
  }

  if (!is_json(request)) return not_json();
  if (!comes_from_our_pages(request)) return csrf_failed("origin");
  const std::string_view token = only(request, "x-csrf-token").value_or("");
  if (!csrf_.verify(token, binding_of(cookies))) return csrf_failed("token");
  return {};
}

}  // namespace evently::browser
