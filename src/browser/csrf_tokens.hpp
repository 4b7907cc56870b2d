#pragma once

#include <string>
#include <string_view>

#include "base/uuid.hpp"

namespace evently::browser {

/// What a token is bound to: a session, or the random cookie of a browser that has none yet. Their
/// texts differ in length, so neither can pass for the other.
std::string binding_of_session(const Uuid& session_id);
/// "" unless the cookie's value has the form that we give it.
std::string binding_of_pre_cookie(std::string_view value);
/// A fresh value for the cookie.
std::string make_pre_cookie();

/// Tokens that prove a request comes from a page of ours: a page of another site can neither read
/// one nor make one. base64url(nonce16 || HMAC-SHA256(key, binding || nonce16)[0..16)); nothing is
/// kept. source: OWASP CSRF cheat sheet, "signed double-submit", bound to the session
class CsrfTokens {
 public:
  explicit CsrfTokens(std::string key) : key_(std::move(key)) {}

  /// Differs at each call, so that compression cannot leak it (BREACH).
  std::string issue(std::string_view binding) const;
  /// An empty binding never verifies.
  bool verify(std::string_view token, std::string_view binding) const;

 private:
  std::string mac(std::string_view binding, std::string_view nonce) const;
  std::string key_;
};

}  // namespace evently::browser
