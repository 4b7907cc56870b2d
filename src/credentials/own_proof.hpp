#pragma once

#include <optional>
#include <string>

#include "accounts/account_service.hpp"
#include "accounts/sign_in_guard.hpp"
#include "base/result.hpp"
#include "credentials/credential_refusal.hpp"
#include "credentials/credential_repository.hpp"
#include "platform/crypto/password_bench.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"
#include "platform/json/json_reader.hpp"

namespace evently::credentials {

/// What the signed-in give to show that it is still they.
struct Proof {
  std::string password;
  std::string totp_code;                    ///< asked for where there is a second factor
  std::optional<std::string> new_password;  ///< to be changed in the same act
};

/// Members `password_name` and totp_code of a body. Read, not judged: a rule that changed later
/// must not lock its owner out.
Proof read_proof(json::ObjectReader& reader, std::string_view password_name = "password");

/// The one way to prove oneself again: for step-up, the password, the second factor. Wrong ones
/// count like failed sign-ins and have their answer.
class OwnProof {
 public:
  /// Without a guard nobody's failures are counted.
  OwnProof(postgres::Pool& auth, accounts::SignInParts parts,
           accounts::SignInGuard* guard = nullptr)
      : repository_(auth),
        parts_(parts),
        bench_(parts.hasher, parts.hash_pool),
        guard_(guard != nullptr ? *guard : no_guard_) {}

  /// The caller's credentials when it was right. By then the session's auth_time is renewed and,
  /// with a new password, that is in force and all other sessions are over.
  /// 400 weak_password | 401 invalid_credentials | 429 | 503
  Task<Result<OwnCredentials, http::Problem>> accept(const http::Request& request, Proof proof);

 private:
  Task<std::optional<CredentialRefusal>> judge(const http::Request& request, OwnCredentials own,
                                               Proof proof);
  void observe(const http::Request& request, const std::string& lookup, const std::string& password,
               bool succeeded);

  CredentialRepository repository_;
  accounts::SignInParts parts_;
  crypto::PasswordBench bench_;
  accounts::NoSignInGuard no_guard_;
  accounts::SignInGuard& guard_;
};

}  // namespace evently::credentials
