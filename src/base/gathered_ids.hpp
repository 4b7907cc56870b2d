#pragma once

#include <cstddef>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "base/uuid.hpp"

namespace evently {

/// Distinct ids that many threads note and one takes away together (sessions seen since the last
/// write). Thread-safe.
class GatheredIds {
 public:
  /// Beyond it an id is left out until the next drain(): ~3 MB.
  static constexpr std::size_t kMaxWaiting = 50'000;

  void note(const Uuid& id) {
    const std::lock_guard lock(mutex_);
    if (seen_.size() < kMaxWaiting) seen_.insert(id);
  }

  std::vector<Uuid> drain() {
    const std::lock_guard lock(mutex_);
    std::vector<Uuid> ids(seen_.begin(), seen_.end());
    seen_.clear();
    return ids;
  }

 private:
  std::mutex mutex_;
  std::unordered_set<Uuid> seen_;
};

}  // namespace evently
