#pragma once

#include <optional>

#include "base/task.hpp"
#include "platform/limits/limit_set.hpp"

namespace evently::limits {

/// Where several nodes count together. Bound to the thread that made it.
class SharedStore {
 public:
  virtual ~SharedStore() = default;

  virtual bool is_up() const = 0;
  /// Spends in all policies or in none; `cost` in steady ones. Nothing when the store is away or
  /// did not answer in time: it may have spent then, never the other way round. `policies` as in
  /// `uses`.
  virtual Task<std::optional<Verdict>> spend(Uses uses, std::int64_t cost) = 0;
  /// Takes back what spend() granted, in the background.
  virtual void give_back(Uses uses, Verdict granted) = 0;
  /// Forgets all that was spent of them, in the background.
  virtual void clear(Uses uses) = 0;
};

}  // namespace evently::limits
