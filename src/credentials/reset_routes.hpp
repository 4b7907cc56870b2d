#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accounts/account_service.hpp"
#include "accounts/late_work.hpp"
#include "accounts/sign_in_guard.hpp"
#include "credentials/credential_refusal.hpp"
#include "platform/crypto/password_bench.hpp"
#include "platform/http/route.hpp"
#include "platform/mail/mailer.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::credentials {

/// A forgotten password: a code by mail, then a new password for the code.
class ResetRoutes {
 public:
  /// Without a guard nobody's failures are counted.
  ResetRoutes(postgres::Pool& auth, accounts::SignInParts parts, accounts::LateWork& desk,
              mail::Mailer& mailer, accounts::SignInGuard* guard = nullptr)
      : auth_(auth),
        parts_(parts),
        desk_(desk),
        mailer_(mailer),
        bench_(parts.hasher, parts.hash_pool),
        guard_(guard != nullptr ? *guard : no_guard_) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> forgot(http::Request request);
  Task<http::Response> reset(http::Request request);
  Task<std::optional<CredentialRefusal>> finish(const http::Request& request, std::string token,
                                                std::string new_password);
  postgres::TransactionOptions anonymous(const http::Request& request, bool read_only) const;

  postgres::Pool& auth_;
  accounts::SignInParts parts_;
  accounts::LateWork& desk_;
  mail::Mailer& mailer_;
  crypto::PasswordBench bench_;
  accounts::NoSignInGuard no_guard_;
  accounts::SignInGuard& guard_;
};

}  // namespace evently::credentials
