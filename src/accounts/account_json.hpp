#pragma once

#include <string>

#include "accounts/account.hpp"
#include "accounts/account_service.hpp"
#include "passwords/password_policy.hpp"
#include "platform/http/request.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::accounts {

struct SignUpWish {
  std::string email, name, password;
};

/// Throw http::BadRequest with all faults.
SignUpWish parse_sign_up(const http::Request& request, const passwords::PasswordPolicy& policy);
SignInWish parse_sign_in(const http::Request& request);

void write(json::JsonWriter& out, const Account& account);
std::string to_json(const Account& account);
/// {user, expires_at}: the token is in the cookie only.
std::string login_json(const SignedIn& signed_in, const std::string& csrf_token);
/// {access_token, token_type, expires_in, user}
std::string token_json(const SignedIn& signed_in);

}  // namespace evently::accounts
