#pragma once

#include <chrono>
#include <string>

namespace evently::accounts {

/// `__Host-`: the browser takes it over HTTPS only, from this host only, for every path (RFC
/// 6265bis).
inline constexpr char kSessionCookie[] = "__Host-evently_session";

/// Value of a Set-Cookie header; an empty token with no life removes the cookie.
inline std::string session_cookie(const std::string& token, std::chrono::seconds life) {
  return kSessionCookie + ("=" + token) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + std::to_string(life.count());
}

}  // namespace evently::accounts
