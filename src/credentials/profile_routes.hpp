#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "accounts/account_service.hpp"
#include "accounts/sign_in_guard.hpp"
#include "platform/http/route.hpp"
#include "platform/mail/mailer.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::credentials {

/// PATCH /me: people correct their own name and address.
class ProfileRoutes {
 public:
  /// Without a guard nobody's failures are counted.
  ProfileRoutes(postgres::Pool& auth, accounts::AccountService& accounts, mail::Mailer& mailer,
                accounts::SignInGuard* guard = nullptr)
      : auth_(auth),
        accounts_(accounts),
        mailer_(mailer),
        guard_(guard != nullptr ? *guard : no_guard_) {}
  std::vector<http::Route> table();

 private:
  struct Wish {
    std::optional<std::string> name, email;
  };
  static Wish parse(const http::Request& request);
  Task<http::Response> change(http::Request request);
  /// Why not; nullopt when it is done.
  Task<std::optional<http::Problem>> carry_out(const http::Request& request, Wish wish);
  static http::Problem judge(const std::string& outcome, accounts::SignInTry* attempt);

  postgres::Pool& auth_;
  accounts::AccountService& accounts_;
  mail::Mailer& mailer_;
  accounts::NoSignInGuard no_guard_;
  accounts::SignInGuard& guard_;
};

}  // namespace evently::credentials
