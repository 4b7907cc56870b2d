#include "accounts/account_routes.hpp"

#include "accounts/account_json.hpp"
#include "browser/cookies.hpp"
#include "platform/http/encoding.hpp"
#include "platform/json/json_reader.hpp"

namespace evently::accounts {
namespace {

using http::Method;
using http::Request;
using http::Response;

Origin origin_of(const Request& request) {
  // A header may hold any bytes, a text column may not.
  const std::string_view sent = request.header("user-agent").value_or("");
  const std::string_view agent = http::is_utf8(sent) ? sent : std::string_view();
  return {request.request_id, request.client_address, std::string(agent), request.deadline};
}

void set_session_cookie(Response& response, const std::string& token, std::chrono::seconds life) {
  response.headers.emplace_back("Set-Cookie",
                                browser::set_cookie(browser::kSessionCookie, token, life));
}

/// Answers of this room carry secrets beside text the caller chose.
Response secret_json(int status, std::string body) {
  Response response = http::json(status, std::move(body));
  response.compressible = false;
  return response;
}

}  // namespace

std::vector<http::Route> AccountRoutes::table() {
  return {
      {Method::Post, "/api/v1/auth/register", http::anyone(), "register",
       [this](Request r) { return sign_up(std::move(r)); }},
      {Method::Post, "/api/v1/auth/login", http::anyone(), "auth",
       [this](Request r) { return log_in(std::move(r)); }},
      {Method::Post, "/api/v1/auth/token", http::anyone(http::Access::Screen::Cookies), "auth",
       [this](Request r) { return issue_token(std::move(r)); }},
      {Method::Post, "/api/v1/auth/logout", http::signed_in(), "",
       [this](Request r) { return sign_out(std::move(r), false); }},
      {Method::Post, "/api/v1/auth/logout-all", http::signed_in(), "",
       [this](Request r) { return sign_out(std::move(r), true); }},
      {Method::Get, "/api/v1/me", http::signed_in(), "",
       [this](Request r) { return show_me(std::move(r)); }},
  };
}

/// Opens an account. 201 user | 400 | 409 email_taken | 503 while too many hash at once.
Task<Response> AccountRoutes::sign_up(Request request) {
  const SignUpWish wish = parse_sign_up(request, accounts_.policy());
  const auto account =
      co_await accounts_.sign_up(origin_of(request), wish.email, wish.name, wish.password);
  if (!account) {
    const AccountRefusal refusal = account.error();
    const auto over = co_await count_taken(request, wish.email, refusal);
    co_return http::render(over.value_or(to_problem(refusal)));
  }
  Response response = http::created("/api/v1/me", to_json(*account));
  response.compressible = false;
  co_return response;
}

/// A try of one password, within the limits on failures.
Task<AccountRoutes::GuardedSignIn> AccountRoutes::sign_in(const Request& request, SignInWish wish) {
  const std::string account = accounts_.lookup_of(wish.email);
  auto admitted = co_await guard_.admit(request, account);
  if (!admitted) co_return admitted.error();
  const std::unique_ptr<SignInTry> attempt = std::move(*admitted);
  auto signed_in = co_await accounts_.sign_in(origin_of(request), wish, attempt->is_known_device());
  if (signed_in) {
    attempt->succeeded();
    co_return std::move(*signed_in);
  }
  if (signed_in.error() == AccountRefusal::InvalidCredentials) attempt->failed();
  co_return to_problem(signed_in.error());
}

/// Whoever asks which addresses are taken is counted like whoever guesses passwords.
Task<std::optional<http::Problem>> AccountRoutes::count_taken(const Request& request,
                                                              std::string email,
                                                              AccountRefusal refusal) {
  if (refusal != AccountRefusal::EmailTaken) co_return std::nullopt;
  auto admitted = co_await guard_.admit(request, accounts_.lookup_of(email));
  if (!admitted) co_return admitted.error();
  (*admitted)->failed();
  co_return std::nullopt;
}

/// Signs a browser in: the token goes into the cookie and nowhere else.
Task<Response> AccountRoutes::log_in(Request request) {
  const SignInWish wish = parse_sign_in(request);
  const auto signed_in = co_await sign_in(request, wish);
  if (!signed_in) co_return http::render(signed_in.error());
  Response response = secret_json(
      200, login_json(*signed_in, csrf_.issue(browser::binding_of_session(signed_in->session_id))));
  set_session_cookie(response, signed_in->token,
                     std::chrono::duration_cast<std::chrono::seconds>(signed_in->expires_at -
                                                                      signed_in->issued_at));
  response.headers.emplace_back(
      "Set-Cookie", browser::set_cookie(browser::kPreCookie, "", std::chrono::seconds(0)));
  const std::string device = guard_.device_cookie(request, accounts_.lookup_of(wish.email));
  if (!device.empty()) response.headers.emplace_back("Set-Cookie", device);
  co_return response;
}

/// Signs a program in: the token is in the body.
Task<Response> AccountRoutes::issue_token(Request request) {
  const SignInWish wish = parse_sign_in(request);
  const auto signed_in = co_await sign_in(request, wish);
  if (!signed_in) co_return http::render(signed_in.error());
  co_return secret_json(200, token_json(*signed_in));
}

/// Kills this session, or all of the caller's. 204; the token is dead in the database by then.
Task<Response> AccountRoutes::sign_out(Request request, bool everywhere) {
  json::expect_no_members(request);
  const std::string context = request.principal->context;
  co_await accounts_.sign_out(context, origin_of(request), everywhere);
  Response response = http::no_content();
  set_session_cookie(response, "", std::chrono::seconds(0));
  // Not "cookies": the session's has ended above, and the device's must stay. Without it the owner
  // of an account that strangers guess at would lock himself out by signing out.
  response.headers.emplace_back("Clear-Site-Data", R"("cache", "storage")");
  co_return response;
}

Task<Response> AccountRoutes::show_me(Request request) {
  const std::string context = request.principal->context;
  const auto account = co_await accounts_.find_self(context, origin_of(request));
  if (!account) co_return http::render(http::authentication_required());
  co_return secret_json(200, to_json(*account));
}

}  // namespace evently::accounts
