#include "credentials/profile_routes.hpp"

#include <boost/json/object.hpp>
#include <stdexcept>

#include "accounts/account_json.hpp"
#include "credentials/credential_mails.hpp"
#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"

namespace evently::credentials {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr postgres::Statement kChange{"credentials.change_self",
                                      "SELECT outcome, old_email FROM sec.change_self($1, $2, $3)"};

accounts::Origin origin_of(const Request& request) {
  return {request.request_id, request.client_address, "", request.deadline};
}

}  // namespace

std::vector<http::Route> ProfileRoutes::table() {
  return {
      {Method::Patch, "/api/v1/me", http::signed_in(), "",
       [this](Request r) { return change(std::move(r)); }},
  };
}

ProfileRoutes::Wish ProfileRoutes::parse(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  Wish wish;
  wish.name = reader.optional_text("name", {1, 200, false});
  wish.email = reader.optional_text("email", {3, 254, false});
  if (wish.email && !wish.email->empty() && !accounts::canonical_email(*wish.email)) {
    reader.fault("email", "invalid_email", "must be an email address");
  }
  reader.finish();
  return wish;
}

/// A new address needs a fresh proof (step-up), and the old one gets notice.
///   in    {["name"], ["email"]}
///   out   200 user | 400 | 403 step_up_required | 409 email_taken | 429
Task<Response> ProfileRoutes::change(Request request) {
  const Wish wish = parse(request);
  const auto refused = co_await carry_out(request, wish);
  if (refused) co_return http::render(*refused);
  const auto account = co_await accounts_.find_self(request.principal->context, origin_of(request));
  if (!account) co_return http::render(http::authentication_required());
  Response response = http::json(200, accounts::to_json(*account));
  response.compressible = false;  // personal data beside text the caller chose
  co_return response;
}

/// Whoever asks in this way which addresses are taken is counted like whoever guesses passwords.
Task<std::optional<http::Problem>> ProfileRoutes::carry_out(const Request& request, Wish wish) {
  std::optional<std::string> lookup;
  std::unique_ptr<accounts::SignInTry> attempt;
  if (wish.email) {
    lookup = accounts_.lookup_of(*wish.email);
    auto admitted = co_await guard_.admit(request, *lookup);
    if (!admitted) co_return admitted.error();
    attempt = std::move(*admitted);
    lookup = postgres::encode_bytes(*lookup);
  }
  const postgres::TransactionOptions options{request.principal->context, false, request.deadline};
  auto values = postgres::parameters(wish.name, wish.email, lookup);
  const auto rows = co_await auth_.run(options, kChange, std::move(values));
  const auto outcome = rows[0].get<std::string>("outcome");
  if (outcome != "changed") co_return judge(outcome, attempt.get());
  const auto old_email = rows[0].get<std::string>("old_email");
  if (wish.email && *wish.email != old_email) mailer_.post(address_changed_mail(old_email));
  co_return std::nullopt;
}

http::Problem ProfileRoutes::judge(const std::string& outcome, accounts::SignInTry* attempt) {
  if (outcome == "step_up") return http::step_up_required();
  if (outcome == "signed_out") return http::authentication_required();
  if (outcome != "taken") throw std::logic_error("sec.change_self: " + outcome);
  if (attempt != nullptr) attempt->failed();
  return accounts::to_problem(accounts::AccountRefusal::EmailTaken);
}

}  // namespace evently::credentials
