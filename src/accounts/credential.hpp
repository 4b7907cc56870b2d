#pragma once

#include <string_view>

#include "platform/http/request.hpp"

namespace evently::accounts {

/// What a request shows at the door. Points into the request.
struct Credential {
  std::string_view token;    ///< a JWS, by header or by cookie
  std::string_view api_key;  ///< X-API-Key
  bool by_key = false;
  bool by_cookie = false;
  bool ambiguous = false;  ///< two of a kind, or two kinds
  bool any = false;        ///< something was shown, well-formed or not
};
Credential read_credential(const http::Request& request);

}  // namespace evently::accounts
