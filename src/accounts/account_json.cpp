#include "accounts/account_json.hpp"

#include <boost/json/object.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"

namespace evently::accounts {
namespace {

// Read, not judged, at sign-in: a rule that changed later must not lock its owner out.
constexpr json::TextRule kAnyPassword{1, 1024, true};
constexpr json::TextRule kEmailRule{3, 254, false};

}  // namespace

SignUpWish parse_sign_up(const http::Request& request, const passwords::PasswordPolicy& policy) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  SignUpWish wish;
  wish.email = reader.required_text("email", kEmailRule);
  wish.name = reader.required_text("name", {1, 200, false});
  wish.password = reader.required_text("password", kAnyPassword);
  if (!wish.email.empty() && !canonical_email(wish.email)) {
    reader.fault("email", "invalid_email", "must be an email address");
  }
  if (!wish.password.empty()) {
    const auto fault = passwords::password_fault(policy, wish.password, {wish.email, wish.name});
    if (fault) reader.fault("password", "weak_password", *fault);
  }
  reader.finish();
  return wish;
}

SignInWish parse_sign_in(const http::Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  SignInWish wish;
  wish.email = reader.required_text("email", kEmailRule);
  wish.password = reader.required_text("password", kAnyPassword);
  wish.totp_code = reader.optional_text("totp_code", {1, 40, false}).value_or("");
  wish.mail_code = reader.optional_text("mail_code", {1, 200, false}).value_or("");
  reader.finish();
  return wish;
}

void write(json::JsonWriter& out, const Account& account) {
  out.begin_object()
      .member("id", account.id)
      .member("email", account.email)
      .member("name", account.name)
      .member("role", account.role)
      .member("is_active", account.is_active)
      .member("created_at", account.created_at)
      .end_object();
}

std::string to_json(const Account& account) {
  json::JsonWriter out;
  write(out, account);
  return out.take();
}

std::string login_json(const SignedIn& signed_in, const std::string& csrf_token) {
  json::JsonWriter out;
  out.begin_object().key("user");
  write(out, signed_in.account);
  out.member("csrf_token", csrf_token).member("expires_at", signed_in.expires_at).end_object();
  return out.take();
}

std::string token_json(const SignedIn& signed_in) {
  const auto life =
      std::chrono::duration_cast<std::chrono::seconds>(signed_in.expires_at - signed_in.issued_at);
  json::JsonWriter out;
  out.begin_object()
      .member("access_token", signed_in.token)
      .member("token_type", "Bearer")
      .member("expires_in", static_cast<std::int64_t>(life.count()))
      .key("user");
  write(out, signed_in.account);
  out.end_object();
  return out.take();
}

}  // namespace evently::accounts
