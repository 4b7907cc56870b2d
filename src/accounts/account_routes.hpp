#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accounts/account_json.hpp"
#include "accounts/account_service.hpp"
#include "accounts/sign_in_guard.hpp"
#include "browser/csrf_tokens.hpp"
#include "platform/http/route.hpp"

namespace evently::accounts {

class AccountRoutes {
 public:
  /// Without a guard nobody's failures are counted.
  AccountRoutes(AccountService& accounts, const browser::CsrfTokens& csrf,
                SignInGuard* guard = nullptr)
      : accounts_(accounts), csrf_(csrf), guard_(guard != nullptr ? *guard : no_guard_) {}
  std::vector<http::Route> table();

 private:
  using GuardedSignIn = Result<SignedIn, http::Problem>;

  Task<http::Response> sign_up(http::Request request);
  Task<http::Response> log_in(http::Request request);
  Task<GuardedSignIn> sign_in(const http::Request& request, SignInWish wish);
  Task<std::optional<http::Problem>> count_taken(const http::Request& request, std::string email,
                                                 AccountRefusal refusal);
  Task<http::Response> issue_token(http::Request request);
  Task<http::Response> sign_out(http::Request request, bool everywhere);
  Task<http::Response> show_me(http::Request request);

  AccountService& accounts_;
  const browser::CsrfTokens& csrf_;
  NoSignInGuard no_guard_;
  SignInGuard& guard_;
};

}  // namespace evently::accounts
