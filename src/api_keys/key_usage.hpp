#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace evently::api_keys {

/// Counts the calls of keys between two writes to the database, so that a call costs none. What was
/// counted in the last seconds before a crash is lost. Thread-safe.
class KeyUsage {
 public:
  struct Use {
    Uuid key_id;
    std::int64_t calls = 0;
    TimePoint last;
  };

  void note(const Uuid& key_id, TimePoint at);
  /// What is still to be written.
  std::vector<Use> pending() const;
  /// `uses` have been; what was noted meanwhile stays.
  void written(const std::vector<Use>& uses);
  /// Calls that found no room: more than 10,000 keys between two writes.
  std::uint64_t uncounted() const;

 private:
  mutable std::mutex mutex_;
  std::map<Uuid, Use> uses_;
  std::uint64_t uncounted_ = 0;
};

}  // namespace evently::api_keys
