#include "accounts/door.hpp"

#include <algorithm>

#include "accounts/session_cookie.hpp"

namespace evently::accounts {
namespace {

using http::Access;
using http::Problem;
using http::Request;

constexpr postgres::Statement kAdmit{"accounts.admit",
                                     "SELECT role, allowed FROM sec.admit($1, $2)"};

struct Credential {
  std::string token;
  bool by_cookie = false;
  bool ambiguous = false;  ///< two cookies of the name, two headers, or both kinds
};

constexpr std::string_view kBearer = "bearer ";

/// The scheme's name has no case (RFC 9110 §11.1).
bool names_bearer(std::string_view authorization) {
  return std::equal(
      kBearer.begin(), kBearer.end(), authorization.begin(),
      authorization.begin() +
          static_cast<std::ptrdiff_t>(std::min(authorization.size(), kBearer.size())),
      [](char wanted, char c) { return wanted == (c >= 'A' && c <= 'Z' ? c | 0x20 : c); });
}

Credential read_credential(const Request& request) {
  const std::string cookie = std::string(kSessionCookie) + "=";
  Credential credential;
  std::size_t found = request.header_count("authorization");
  const std::string_view authorization = request.header("authorization").value_or("");
  if (names_bearer(authorization)) credential.token = authorization.substr(kBearer.size());

  for (const auto& [name, value] : request.headers) {
    if (name != "cookie") continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find(';'), rest.size());
      std::string_view pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      while (pair.starts_with(' ')) pair.remove_prefix(1);
      if (!pair.starts_with(cookie)) continue;
      ++found;
      credential.by_cookie = true;
      credential.token = pair.substr(cookie.size());
    }
  }
  credential.ambiguous = found > 1;
  return credential;
}

/// The only hosts a browser trusts over plain HTTP.
bool is_loopback(std::string_view host) {
  const std::string_view name =
      host.substr(0, host.starts_with('[') ? host.find(']') + 1 : host.find(':'));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

/// A browser says by itself where a request comes from. Until a page of another site can be told
/// apart by a token too, only requests of our own pages may change anything by cookie.
bool comes_from_our_pages(const Request& request) {
  if (request.method == http::Method::Get || request.method == http::Method::Head) return true;
  const auto site = request.header("sec-fetch-site");
  if (site) return *site == "same-origin";
  const auto origin = request.header("origin");
  const auto host = request.header("host");
  if (!origin || !host) return false;
  return *origin == "https://" + std::string(*host) ||
         (is_loopback(*host) && *origin == "http://" + std::string(*host));
}

Problem ambiguous_credentials() {
  return {400, "ambiguous_credentials", "Send one credential", {}, {}, {}};
}
/// One answer for every token that does not count, whatever is wrong with it. A cookie that does
/// not is taken back: it would keep its browser out of the pages that need none.
Problem not_signed_in(const Credential& credential) {
  Problem problem = http::authentication_required();
  if (credential.by_cookie)
    problem.headers.emplace_back("Set-Cookie", session_cookie("", std::chrono::seconds(0)));
  return problem;
}
Problem csrf_failed() {
  return {403, "csrf_failed", "The request does not come from our pages", {}, {}, {}};
}

}  // namespace

Task<Result<http::Principal, Problem>> Door::admit(const Request& request, Access access) {
  const Credential credential = read_credential(request);
  if (credential.ambiguous) co_return ambiguous_credentials();
  const auto claims = tokens_.verify(credential.token, clock_.now());
  if (!claims) co_return not_signed_in(credential);
  if (credential.by_cookie && !comes_from_our_pages(request)) co_return csrf_failed();

  http::Principal principal{claims->user_id, claims->jti, claims->role, ""};
  principal.context =
      signer_.sign({claims->user_id, claims->jti, request.request_id, request.client_address});
  if (access.kind == Access::Kind::ProvedInStatement) co_return principal;

  std::optional<std::string> wanted;
  if (!access.permission.empty()) wanted = std::string(access.permission);
  postgres::TransactionOptions options{"", true, request.deadline};
  auto values = postgres::parameters(principal.context, wanted);
  const auto rows = co_await auth_.run(std::move(options), kAdmit, std::move(values));
  if (rows.empty()) co_return not_signed_in(credential);
  principal.role = rows[0].get<std::string>("role");
  if (!rows[0].get<bool>("allowed")) {
    co_return http::insufficient_permissions(access.permission, principal.role);
  }
  co_return principal;
}

}  // namespace evently::accounts
