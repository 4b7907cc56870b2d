#pragma once

#include <optional>
#include <string>

#include "accounts/account.hpp"
#include "base/task.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::accounts {

struct Credentials {
  Account account;
  std::string password_hash;
  std::int32_t version = 0;  ///< counts up with every new password and second factor
  bool held = false;        ///< too many failures: strangers need a mailed code beside the password
  bool code_holds = false;  ///< the code that was asked about is one
};

/// From how many failures of strangers within which time on an account is held.
struct HoldRule {
  std::optional<std::int32_t> most = 10;  ///< nullopt: no account is
  std::int32_t seconds = 3600;
};

/// What was proved before a session opens.
struct SignInProof {
  std::int32_t version = 0;
  std::optional<std::string> code;  ///< to be used up
  bool from_known_device = false;
};

struct OpenedSession {
  TimePoint created_at;
  TimePoint expires_at;
};

/// Every statement of the accounts slice. `auth` is the pool of application_auth, which has no
/// table, only functions; `people` is application_user's.
class AccountRepository {
 public:
  AccountRepository(postgres::Pool& auth, postgres::Pool& people) : auth_(auth), people_(people) {}

  /// When it was made; nullopt when the address is taken.
  Task<std::optional<TimePoint>> insert_account(postgres::TransactionOptions options,
                                                Account account, std::string lookup,
                                                std::string hash);
  Task<std::optional<Credentials>> find_credentials(postgres::TransactionOptions options,
                                                    std::string lookup, std::string mail_code,
                                                    HoldRule rule);
  /// nullopt when the credentials are no longer of the version that was proved, the code was used
  /// meanwhile, or the account is disabled: judged under a lock, so that no session outlives a
  /// password that was changed meanwhile.
  Task<std::optional<OpenedSession>> open_session(postgres::TransactionOptions options,
                                                  Uuid session_id, Uuid user_id,
                                                  std::string address, std::string user_agent,
                                                  SignInProof proof);
  Task<void> close_session(postgres::TransactionOptions options, bool everywhere);
  Task<void> renew_hash(postgres::TransactionOptions options, Uuid user_id, std::string old_hash,
                        std::string new_hash);
  Task<std::optional<Account>> find_self(postgres::TransactionOptions options);

 private:
  postgres::Pool& auth_;
  postgres::Pool& people_;
};

}  // namespace evently::accounts
