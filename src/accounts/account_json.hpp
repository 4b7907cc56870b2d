#pragma once

#include <string>

#include "accounts/account.hpp"
#include "accounts/account_service.hpp"
#include "platform/http/request.hpp"

namespace evently::accounts {

struct SignUpWish {
  std::string email, name, password;
};
struct SignInWish {
  std::string email, password;
};

/// Throw http::BadRequest with all faults.
SignUpWish parse_sign_up(const http::Request& request);
SignInWish parse_sign_in(const http::Request& request);

std::string to_json(const Account& account);
/// {user, expires_at}: the token is in the cookie only.
std::string login_json(const SignedIn& signed_in);
/// {access_token, token_type, expires_in, user}
std::string token_json(const SignedIn& signed_in);

}  // namespace evently::accounts
