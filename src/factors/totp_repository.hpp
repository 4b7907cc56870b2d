#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "base/uuid.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::factors {

struct StoredTotp {
  std::string sealed_secret;
  bool confirmed = false;
};

/// Every statement of the slice, as application_auth: functions of migrations 0023 and 0024.
class TotpRepository {
 public:
  explicit TotpRepository(postgres::Pool& auth) : auth_(auth) {}

  Task<std::optional<StoredTotp>> find(postgres::TransactionOptions options, Uuid user_id);
  /// False when the step, or a later one, was used already.
  Task<bool> use_step(postgres::TransactionOptions options, Uuid user_id, std::int64_t step);
  Task<bool> use_recovery_code(postgres::TransactionOptions options, Uuid user_id,
                               std::string hash);
  /// "started", "enabled", "signed_out"; for the user of the context, as the two below.
  Task<std::string> start(postgres::TransactionOptions options, std::string sealed_secret);
  /// "confirmed", "not_started", "signed_out".
  Task<std::string> confirm(postgres::TransactionOptions options, std::string sealed_secret,
                            std::int64_t step, std::vector<std::string> code_hashes);
  Task<bool> remove(postgres::TransactionOptions options);
  Task<bool> has_confirmed(postgres::TransactionOptions options, std::string context);

 private:
  postgres::Pool& auth_;
};

}  // namespace evently::factors
