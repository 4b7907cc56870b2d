#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "browser/cookies.hpp"
#include "browser/csrf_tokens.hpp"
#include "browser/own_origins.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/route.hpp"
#include "platform/observability/security_event.hpp"

namespace evently::browser {

/// Why a request did not pass, for its sender and for the watch.
struct Refusal {
  http::Problem problem;
  observability::SecurityEventType event;
  std::string detail;
};

/// Lets a request that changes something by cookie, or signs a browser in, pass only when it comes
/// from a page of ours. In this order: exactly one cookie of a name; JSON, which a form cannot
/// send; Sec-Fetch-Site, else Origin; a token bound to the session. Each holds without the others.
class Guard {
 public:
  Guard(const crypto::TokenKeys& tokens, const CsrfTokens& csrf, const OwnOrigins& origins,
        const Clock& clock)
      : tokens_(tokens), csrf_(csrf), origins_(origins), clock_(clock) {}

  std::optional<Refusal> check(const http::Request& request, const http::Access& access) const;
  /// What a token for this browser is bound to; "" when it has neither cookie.
  std::string binding_of(const Cookies& cookies) const;

 private:
  bool comes_from_our_pages(const http::Request& request) const;

  const crypto::TokenKeys& tokens_;
  const CsrfTokens& csrf_;
  const OwnOrigins& origins_;
  const Clock& clock_;
};

http::Problem ambiguous_credentials();

}  // namespace evently::browser
