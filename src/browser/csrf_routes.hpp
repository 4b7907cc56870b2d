#pragma once

#include <vector>

#include "browser/guard.hpp"
#include "platform/http/route.hpp"

namespace evently::browser {

/// GET /auth/csrf: the token a page sends with what changes something.
class CsrfRoutes {
 public:
  CsrfRoutes(const Guard& guard, const CsrfTokens& csrf) : guard_(guard), csrf_(csrf) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> give_token(http::Request request);

  const Guard& guard_;
  const CsrfTokens& csrf_;
};

}  // namespace evently::browser
