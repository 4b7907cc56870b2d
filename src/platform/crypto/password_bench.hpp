#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/task.hpp"
#include "platform/crypto/hash_pool.hpp"
#include "platform/crypto/password_hasher.hpp"

namespace evently::crypto {

/// Passwords verified and hashed on the hash pool's threads. nullopt: no room or no time (503).
/// `hasher` must outlive `pool`.
class PasswordBench {
 public:
  using Deadline = std::chrono::steady_clock::time_point;

  PasswordBench(const PasswordHasher& hasher, HashPool& pool) : hasher_(hasher), pool_(pool) {}

  Task<std::optional<bool>> verify(std::string known_hash, std::string password, Deadline deadline);
  Task<std::optional<std::string>> hash(std::string password, Deadline deadline);

 private:
  const PasswordHasher& hasher_;
  HashPool& pool_;
};

}  // namespace evently::crypto
