#include "platform/crypto/password_bench.hpp"

#include <functional>
#include <memory>

namespace evently::crypto {

// What a job writes to is shared with it: the thread may still be at it when the request that waits
// is torn down.

Task<std::optional<bool>> PasswordBench::verify(std::string known_hash, std::string password,
                                                Deadline deadline) {
  const auto matches = std::make_shared<bool>(false);
  const std::function<void()> work = [matches, known_hash, password, &hasher = hasher_] {
    *matches = hasher.verify(known_hash, password);
  };
  const bool done = co_await pool_.run(work, deadline);
  if (!done) co_return std::nullopt;
  co_return *matches;
}

Task<std::optional<std::string>> PasswordBench::hash(std::string password, Deadline deadline) {
  const auto made = std::make_shared<std::string>();
  const std::function<void()> work = [made, password, &hasher = hasher_] {
    *made = hasher.hash(password);
  };
  const bool done = co_await pool_.run(work, deadline);
  if (!done) co_return std::nullopt;
  co_return *made;
}

}  // namespace evently::crypto
