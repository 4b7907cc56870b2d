#include "factors/totp_routes.hpp"

#include <boost/json/object.hpp>

#include "factors/factor_mails.hpp"
#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::factors {
namespace {

using http::Method;
using http::Request;
using http::Response;

std::string parse_code(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  std::string code = reader.required_text("totp_code", {1, 40, false});
  reader.finish();
  return code;
}

credentials::Proof parse_removal(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  credentials::Proof proof = credentials::read_proof(reader);
  reader.finish();
  return proof;
}

accounts::Origin origin_of(const Request& request) {
  return {request.request_id, request.client_address, "", request.deadline};
}

postgres::TransactionOptions mine(const Request& request) {
  return {request.principal->context, false, request.deadline};
}

Response secret_json(std::string body) {
  Response response = http::json(200, std::move(body));
  response.compressible = false;
  return response;
}

}  // namespace

std::vector<http::Route> TotpRoutes::table() {
  return {
      {Method::Post, "/api/v1/auth/totp", http::recently(http::signed_in()), "",
       [this](Request r) { return start(std::move(r)); }},
      {Method::Post, "/api/v1/auth/totp/confirm", http::recently(http::signed_in()), "",
       [this](Request r) { return confirm(std::move(r)); }},
      {Method::Delete, "/api/v1/auth/totp", http::signed_in(), "auth",
       [this](Request r) { return remove(std::move(r)); }},
  };
}

/// Begins: a secret for the authenticator app. Beginning again replaces it until it is confirmed.
///   out   200 {secret, otpauth_uri} | 409 totp_enabled
Task<Response> TotpRoutes::start(Request request) {
  json::expect_no_members(request);
  const Uuid me = request.principal->user_id;
  const auto account = co_await accounts_.find_self(request.principal->context, origin_of(request));
  if (!account) co_return http::render(http::authentication_required());
  const auto begun = co_await factors_.start(mine(request), me, account->email);
  if (!begun) co_return http::render(to_problem(begun.error()));
  json::JsonWriter out;
  out.begin_object().member("secret", begun->secret).member("otpauth_uri", begun->uri).end_object();
  co_return secret_json(out.take());
}

/// The first code shows that the app has the secret; from now on sign-in asks for one.
///   out   200 {recovery_codes} | 400 wrong_code | 409 totp_not_started, totp_enabled
Task<Response> TotpRoutes::confirm(Request request) {
  const std::string code = parse_code(request);
  const auto codes = co_await factors_.confirm(mine(request), request.principal->user_id, code);
  if (!codes) co_return http::render(to_problem(codes.error()));
  const auto owner = co_await accounts_.find_self(request.principal->context, origin_of(request));
  if (owner) mailer_.post(factor_added_mail(owner->email));
  json::JsonWriter out;
  out.begin_object().key("recovery_codes").begin_array();
  for (const std::string& one : *codes) out.value(one);
  out.end_array().end_object();
  co_return secret_json(out.take());
}

/// Gives the factor up: for the password and, unless it was only begun, a code of it or a recovery
/// code. They are the fresh proof, so none is asked for beside them.
///   in    {password, [totp_code]}
///   out   204 | 401 invalid_credentials | 404 | 429
Task<Response> TotpRoutes::remove(Request request) {
  const credentials::Proof proof = parse_removal(request);
  const Uuid me = request.principal->user_id;
  const bool exists = co_await factors_.exists(mine(request), me);
  if (!exists) co_return http::render(http::not_found());
  const auto accepted = co_await proof_.accept(request, proof);
  if (!accepted) co_return http::render(accepted.error());
  const bool counted = co_await factors_.has_confirmed(mine(request), request.principal->context);
  co_await factors_.remove(mine(request));
  if (counted) mailer_.post(factor_removed_mail(accepted->email));
  co_return http::no_content();
}

}  // namespace evently::factors
