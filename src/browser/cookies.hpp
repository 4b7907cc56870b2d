#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"

namespace evently::browser {

/// `__Host-`: the browser takes it over HTTPS only, from this host only, for every path (RFC
/// 6265bis), so neither a sister host nor a page can set one.
inline constexpr char kSessionCookie[] = "__Host-evently_session";
/// Before there is a session: random, and what the token of the sign-in form is bound to.
inline constexpr char kPreCookie[] = "__Host-evently_pre";

/// Value of a Set-Cookie header; an empty value with no life removes the cookie.
std::string set_cookie(std::string_view name, std::string_view value, std::chrono::seconds life);

/// What a request's Cookie headers hold of ours. Points into the request.
struct Cookies {
  std::string_view session;
  std::string_view pre;
  bool any = false;  ///< a Cookie header was sent, whatever is in it
  bool has_session = false;
  /// One of our names stands twice: somebody set the second beside ours (cookie tossing).
  bool doubled = false;
};
Cookies read_cookies(const http::Request& request);
/// The first value of any other name. Points into the request.
std::optional<std::string_view> find_cookie(const http::Request& request, std::string_view name);

}  // namespace evently::browser
