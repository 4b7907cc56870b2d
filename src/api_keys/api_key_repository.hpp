#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api_keys/api_key.hpp"
#include "base/result.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::api_keys {

/// A key as the door looks it up; none of it ever changes.
struct KnownKey {
  Uuid user_id;
  std::string secret_hash;
};

/// Keys as application_auth sees them: through functions only.
class ApiKeyRepository {
 public:
  explicit ApiKeyRepository(postgres::Pool& auth) : auth_(auth) {}

  Task<Result<ApiKey, ApiKeyRefusal>> create(postgres::TransactionOptions options, Uuid id,
                                             std::string secret_hash, NewApiKey wish);
  /// The caller's, newest first; revoked ones are not among them.
  Task<std::vector<ApiKey>> list(postgres::TransactionOptions options);
  /// False when the caller has no such key.
  Task<bool> revoke(postgres::TransactionOptions options, Uuid id);
  Task<std::optional<KnownKey>> find(postgres::TransactionOptions options, Uuid id);

 private:
  postgres::Pool& auth_;
};

}  // namespace evently::api_keys
