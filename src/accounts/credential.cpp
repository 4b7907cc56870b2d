#include "accounts/credential.hpp"

#include <algorithm>

#include "browser/cookies.hpp"

namespace evently::accounts {
namespace {

constexpr std::string_view kBearer = "bearer ";

/// The scheme's name has no case (RFC 9110 §11.1).
bool names_bearer(std::string_view authorization) {
  return std::equal(
      kBearer.begin(), kBearer.end(), authorization.begin(),
      authorization.begin() +
          static_cast<std::ptrdiff_t>(std::min(authorization.size(), kBearer.size())),
      [](char wanted, char c) { return wanted == (c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
}

}  // namespace

Credential read_credential(const http::Request& request) {
  Credential credential;
  const std::size_t headers = request.header_count("authorization");
  const std::string_view authorization = request.header("authorization").value_or("");
  if (names_bearer(authorization)) credential.token = authorization.substr(kBearer.size());

  const browser::Cookies cookies = browser::read_cookies(request);
  if (cookies.has_session) {
    credential.by_cookie = true;
    credential.token = cookies.session;
  }
  const std::size_t keys = request.header_count("x-api-key");
  credential.by_key = keys > 0;
  credential.api_key = request.header("x-api-key").value_or("");
  const std::size_t found = headers + keys + (cookies.has_session ? 1 : 0);
  credential.ambiguous = found > 1 || cookies.doubled;
  credential.any = found > 0;
  return credential;
}

}  // namespace evently::accounts
