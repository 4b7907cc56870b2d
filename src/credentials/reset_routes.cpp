#include "credentials/reset_routes.hpp"

#include <boost/json/object.hpp>

#include "credentials/credential_mails.hpp"
#include "credentials/reset_codes.hpp"
#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"

namespace evently::credentials {
namespace {

using http::Method;
using http::Request;
using http::Response;
using postgres::Statement;
using Kind = CredentialRefusal::Kind;

constexpr Statement kFind{"credentials.find_reset", "SELECT email, name FROM sec.find_reset($1)"};
constexpr Statement kFinish{"credentials.finish_reset", "SELECT sec.finish_reset($1, $2) AS done"};

struct NewPasswordWish {
  std::string token, new_password;
};

std::string parse_forgot(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  const std::string email = reader.required_text("email", {3, 254, false});
  if (!email.empty() && !accounts::canonical_email(email)) {
    reader.fault("email", "invalid_email", "must be an email address");
  }
  reader.finish();
  return email;
}

NewPasswordWish parse_reset(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  NewPasswordWish wish;
  wish.token = reader.required_text("token", {1, 200, false});
  wish.new_password = reader.required_text("new_password", {1, 1024, true});
  reader.finish();
  return wish;
}

}  // namespace

std::vector<http::Route> ResetRoutes::table() {
  return {
      {Method::Post, "/api/v1/auth/password/forgot", http::anyone(), "auth",
       [this](Request r) { return forgot(std::move(r)); }},
      {Method::Post, "/api/v1/auth/password/reset", http::anyone(), "auth",
       [this](Request r) { return reset(std::move(r)); }},
  };
}

postgres::TransactionOptions ResetRoutes::anonymous(const Request& request, bool read_only) const {
  const std::string context =
      parts_.signer.sign({{}, {}, request.request_id, request.client_address});
  return {context, read_only, request.deadline};
}

/// Always 202, after the same work for a known and an unknown address: what differs is the desk's,
/// later. Each asking counts as a failure, or it would be a way to flood mailboxes.
Task<Response> ResetRoutes::forgot(Request request) {
  const std::string email = parse_forgot(request);
  const std::string lookup =
      accounts::email_lookup(parts_.lookup_key, accounts::canonical_email(email).value_or(""));
  auto admitted = co_await guard_.admit(request, lookup);
  if (!admitted) co_return http::render(admitted.error());
  (*admitted)->failed();
  desk_.post(
      {accounts::LateWish::Kind::ResetCode, lookup, request.request_id, request.client_address});
  co_return http::json(202, "{}");
}

/// 204: the password is new and every session of the person is over. 400 | 503.
Task<Response> ResetRoutes::reset(Request request) {
  const NewPasswordWish wish = parse_reset(request);
  const auto refused = co_await finish(request, wish.token, wish.new_password);
  if (refused) co_return http::render(to_problem(*refused));
  co_return http::no_content();
}

Task<std::optional<CredentialRefusal>> ResetRoutes::finish(const Request& request,
                                                           std::string token,
                                                           std::string new_password) {
  const std::string key = stored_reset_code(token);
  auto wanted = postgres::parameters(key);
  const auto found = co_await auth_.run(anonymous(request, true), kFind, std::move(wanted));
  if (found.empty()) co_return CredentialRefusal{Kind::BadToken};
  const auto email = found[0].get<std::string>("email");
  const auto name = found[0].get<std::string>("name");
  const auto fault = passwords::password_fault(parts_.policy, new_password, {email, name});
  if (fault) co_return CredentialRefusal{Kind::WeakPassword, *fault};
  const auto hash = co_await bench_.hash(new_password, request.deadline);
  if (!hash) co_return CredentialRefusal{Kind::TooBusy};
  auto values = postgres::parameters(key, *hash);
  const auto rows = co_await auth_.run(anonymous(request, false), kFinish, std::move(values));
  if (!rows[0].get<bool>("done")) co_return CredentialRefusal{Kind::BadToken};
  mailer_.post(password_changed_mail(email));
  co_return std::nullopt;
}

}  // namespace evently::credentials
