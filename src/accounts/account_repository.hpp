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
                                                    std::string lookup);
  Task<OpenedSession> open_session(postgres::TransactionOptions options, Uuid session_id,
                                   Uuid user_id, std::string address, std::string user_agent);
  Task<void> close_session(postgres::TransactionOptions options, bool everywhere);
  Task<void> renew_hash(postgres::TransactionOptions options, Uuid user_id, std::string old_hash,
                        std::string new_hash);
  Task<std::optional<Account>> find_self(postgres::TransactionOptions options);

 private:
  postgres::Pool& auth_;
  postgres::Pool& people_;
};

}  // namespace evently::accounts
