#include "accounts/account_routes.hpp"

#include "accounts/account_json.hpp"
#include "accounts/session_cookie.hpp"
#include "platform/http/encoding.hpp"

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
  response.headers.emplace_back("Set-Cookie", session_cookie(token, life));
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
      {Method::Post, "/api/v1/auth/register", http::anyone(), "auth",
       [this](Request r) { return sign_up(std::move(r)); }},
      {Method::Post, "/api/v1/auth/login", http::anyone(), "auth",
       [this](Request r) { return log_in(std::move(r)); }},
      {Method::Post, "/api/v1/auth/token", http::anyone(), "auth",
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
  const SignUpWish wish = parse_sign_up(request);
  const auto account =
      co_await accounts_.sign_up(origin_of(request), wish.email, wish.name, wish.password);
  if (!account) co_return http::render(to_problem(account.error()));
  Response response = http::created("/api/v1/me", to_json(*account));
  response.compressible = false;
  co_return response;
}

/// Signs a browser in: the token goes into the cookie and nowhere else.
Task<Response> AccountRoutes::log_in(Request request) {
  const SignInWish wish = parse_sign_in(request);
  const auto signed_in = co_await accounts_.sign_in(origin_of(request), wish.email, wish.password);
  if (!signed_in) co_return http::render(to_problem(signed_in.error()));
  Response response = secret_json(200, login_json(*signed_in));
  set_session_cookie(response, signed_in->token,
                     std::chrono::duration_cast<std::chrono::seconds>(signed_in->expires_at -
                                                                      signed_in->issued_at));
  co_return response;
}

/// Signs a program in: the token is in the body.
Task<Response> AccountRoutes::issue_token(Request request) {
  const SignInWish wish = parse_sign_in(request);
  const auto signed_in = co_await accounts_.sign_in(origin_of(request), wish.email, wish.password);
  if (!signed_in) co_return http::render(to_problem(signed_in.error()));
  co_return secret_json(200, token_json(*signed_in));
}

/// Kills this session, or all of the caller's. 204; the token is dead in the database by then.
Task<Response> AccountRoutes::sign_out(Request request, bool everywhere) {
  const std::string context = request.principal->context;
  co_await accounts_.sign_out(context, origin_of(request), everywhere);
  Response response = http::no_content();
  set_session_cookie(response, "", std::chrono::seconds(0));
  co_return response;
}

Task<Response> AccountRoutes::show_me(Request request) {
  const std::string context = request.principal->context;
  const auto account = co_await accounts_.find_self(context, origin_of(request));
  if (!account) co_return http::render(http::authentication_required());
  co_return secret_json(200, to_json(*account));
}

}  // namespace evently::accounts
