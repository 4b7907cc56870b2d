#pragma once

#include <optional>
#include <vector>

#include "accounts/account.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "people/people_refusal.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::people {

/// What an administrator may change of somebody; absent stays as it is.
struct AccountChange {
  std::optional<std::string> role;
  std::optional<bool> is_active;
};

/// Accounts as administrators see them: the pool is application_admin's, and the signed context
/// must hold user:manage, or there is nobody to see.
class PeopleRepository {
 public:
  explicit PeopleRepository(postgres::Pool& pool) : pool_(pool) {}

  /// Newest first; `before` is the id of the last person of the page before.
  Task<std::vector<accounts::Account>> list(postgres::TransactionOptions options,
                                            std::optional<Uuid> before, std::int64_t limit);
  Task<std::optional<accounts::Account>> find(postgres::TransactionOptions options, Uuid id);
  /// The account as it is afterwards. Decided inside sec.change_user, under a lock.
  Task<Result<accounts::Account, PeopleRefusal>> change(postgres::TransactionOptions options,
                                                        Uuid id, AccountChange change);

 private:
  postgres::Pool& pool_;
};

}  // namespace evently::people
