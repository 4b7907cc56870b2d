#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "accounts/account_refusal.hpp"
#include "accounts/account_repository.hpp"
#include "accounts/late_work.hpp"
#include "accounts/second_factor.hpp"
#include "base/result.hpp"
#include "passwords/password_policy.hpp"
#include "platform/crypto/hash_pool.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/password_bench.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/observability/security_event.hpp"
#include "platform/postgres/signed_context.hpp"

namespace evently::accounts {

/// Where a request came from; anonymous acts are signed with it too, so the audit trail knows.
struct Origin {
  std::string request_id;
  std::string client_address;
  std::string user_agent;
  std::chrono::steady_clock::time_point deadline;
};

struct SignedIn {
  Account account;
  Uuid session_id;
  std::string token;
  TimePoint issued_at;  ///< the database's time, like expires_at
  TimePoint expires_at;
};

/// The keys and machines of signing in, shared by all workers. `hasher` must outlive `hash_pool`.
struct SignInParts {
  const crypto::PasswordHasher& hasher;
  crypto::HashPool& hash_pool;
  const crypto::TokenKeys& tokens;
  const postgres::ContextSigner& signer;
  const std::string& lookup_key;  ///< 32 bytes: addresses are found by HMAC under it
  passwords::PasswordPolicy policy{};
  observability::SecuritySink* security = nullptr;  ///< nobody listens
  SecondFactor* second_factor = nullptr;            ///< the password is enough
  LateWork* late = nullptr;                         ///< failures are not noted, nobody gets a code
  HoldRule hold{};
};

struct SignInWish {
  std::string email, password;
  std::string totp_code{};  ///< or a recovery code; empty when not sent
  std::string mail_code{};  ///< asked for where strangers guessed; empty when not sent
};

class AccountService {
 public:
  AccountService(AccountRepository& repository, SignInParts parts)
      : repository_(repository), parts_(parts), bench_(parts.hasher, parts.hash_pool) {}

  const passwords::PasswordPolicy& policy() const { return parts_.policy; }
  Task<Result<Account, AccountRefusal>> sign_up(Origin origin, std::string email, std::string name,
                                                std::string password);
  /// One answer, at one cost, for a wrong password, a wrong or missing code of a second factor, an
  /// unknown address, a disabled account, and the right password from a browser that a held account
  /// does not know: then a code is mailed, which goes with the password.
  Task<Result<SignedIn, AccountRefusal>> sign_in(Origin origin, SignInWish wish,
                                                 bool from_known_device = false);
  /// Blind index of a submitted address, known or not.
  std::string lookup_of(const std::string& email) const;
  Task<void> sign_out(std::string context, Origin origin, bool everywhere);
  Task<std::optional<Account>> find_self(std::string context, Origin origin);

 private:
  void observe_sign_in(const Origin& origin, const std::optional<Credentials>& known,
                       const std::string& lookup, const std::string& password, bool succeeded);
  postgres::TransactionOptions anonymous(const Origin& origin) const;
  Task<std::optional<SignedIn>> open_session(Origin origin, Credentials known, SignInWish wish,
                                             bool from_known_device);
  void leave(LateWish::Kind kind, const Origin& origin, const std::string& lookup);
  Task<void> renew_when_weak(Origin origin, Credentials known, std::string password);

  AccountRepository& repository_;
  SignInParts parts_;
  crypto::PasswordBench bench_;
};

/// What an address is stored under: HMAC-SHA256 of its canonical form.
std::string email_lookup(const std::string& lookup_key, const std::string& canonical_email);

/// A password tried on an account, in digests: one tried on many accounts, and many on one, can be
/// told apart, and neither be read. The caller adds who asked.
observability::SecurityEvent sign_in_event(const std::string& lookup_key, const std::string& lookup,
                                           const std::string& password, bool succeeded);

}  // namespace evently::accounts
