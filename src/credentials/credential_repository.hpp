#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "base/uuid.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::credentials {

struct OwnSession {
  Uuid id;
  std::string client_address;  ///< empty when it was opened without one
  std::string user_agent;
  TimePoint created_at;
  TimePoint last_seen_at;  ///< half a minute exact
  TimePoint expires_at;
  bool is_current = false;
};

struct OwnCredentials {
  std::string email;
  std::string name;
  std::string password_hash;
};

/// Statements of the signed-in person on the own sessions and credentials; `auth` is the pool of
/// application_auth, which has no table, only functions.
class CredentialRepository {
 public:
  explicit CredentialRepository(postgres::Pool& auth) : auth_(auth) {}

  Task<std::vector<OwnSession>> list_sessions(postgres::TransactionOptions options);
  /// False when it is no live session of the caller.
  Task<bool> end_session(postgres::TransactionOptions options, Uuid session);
  /// nullopt when the session is over.
  Task<std::optional<OwnCredentials>> find_own(postgres::TransactionOptions options);
  /// `proved_hash` is what the caller's password was verified against; a new hash ends all other
  /// sessions. False when the hash is no longer that, or the session is over.
  Task<bool> prove_password(postgres::TransactionOptions options, std::string proved_hash,
                            std::optional<std::string> new_hash);

 private:
  postgres::Pool& auth_;
};

}  // namespace evently::credentials
