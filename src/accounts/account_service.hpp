#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "accounts/account_refusal.hpp"
#include "accounts/account_repository.hpp"
#include "base/result.hpp"
#include "platform/crypto/hash_pool.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/password_hasher.hpp"
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
};

class AccountService {
 public:
  AccountService(AccountRepository& repository, SignInParts parts)
      : repository_(repository), parts_(parts) {}

  Task<Result<Account, AccountRefusal>> sign_up(Origin origin, std::string email, std::string name,
                                                std::string password);
  /// One answer, at one cost, for a wrong password, an unknown address and a disabled account.
  Task<Result<SignedIn, AccountRefusal>> sign_in(Origin origin, std::string email,
                                                 std::string password);
  Task<void> sign_out(std::string context, Origin origin, bool everywhere);
  Task<std::optional<Account>> find_self(std::string context, Origin origin);

 private:
  struct Hashing;

  postgres::TransactionOptions anonymous(const Origin& origin) const;
  Task<bool> hash_apart(std::shared_ptr<Hashing> hashing,
                        std::chrono::steady_clock::time_point deadline);
  Task<void> renew_when_weak(Origin origin, Credentials known, std::string password);

  AccountRepository& repository_;
  SignInParts parts_;
};

/// What an address is stored under: HMAC-SHA256 of its canonical form.
std::string email_lookup(const std::string& lookup_key, const std::string& canonical_email);

}  // namespace evently::accounts
