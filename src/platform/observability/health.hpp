#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace evently::observability {

enum class Condition : std::uint8_t { Up, Degraded, Down };

std::string_view to_string(Condition condition);

/// One thing the program depends on, as last seen by whoever uses it. Setting and reading are one
/// atomic access each; any thread.
class Dependency {
 public:
  /// `required`: without it the program is not ready to serve.
  Dependency(std::string name, bool required, const Clock& clock);

  /// Remembers when the condition last changed; cheap to call on every success.
  void set(Condition condition);

  Condition condition() const { return condition_.load(std::memory_order_relaxed); }
  TimePoint since() const;
  const std::string& name() const { return name_; }
  bool is_required() const { return required_; }

 private:
  const std::string name_;
  const bool required_;
  const Clock& clock_;
  std::atomic<Condition> condition_{Condition::Down};
  std::atomic<std::int64_t> since_us_;  ///< Unix time, microseconds
};

struct DependencyState {
  std::string name;
  bool is_required;
  Condition condition;
  TimePoint since;
};

/// The dependencies of the program. Thread-safe; outlives every Dependency& it gave away.
class Health {
 public:
  explicit Health(const Clock& clock) : clock_(clock) {}

  /// The dependency of that name, made on the first call (Down until somebody says otherwise).
  Dependency& dependency(std::string_view name, bool required);

  /// Down when a required dependency is down; Degraded when anything else is not up.
  Condition overall() const;
  bool is_ready() const { return overall() != Condition::Down; }
  std::vector<DependencyState> states() const;

 private:
  const Clock& clock_;
  mutable std::mutex mutex_;  ///< guards the list, not the conditions
  std::deque<Dependency> dependencies_;
};

}  // namespace evently::observability
