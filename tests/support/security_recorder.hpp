#pragma once

#include <algorithm>
#include <mutex>
#include <string_view>
#include <vector>

#include "platform/observability/security_event.hpp"

namespace evently::testing {

/// Keeps what was observed, for tests to look at.
class SecurityRecorder final : public observability::SecuritySink {
 public:
  void observe(observability::SecurityEvent event) noexcept override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::move(event));
  }
  std::vector<observability::SecurityEvent> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::size_t count(observability::SecurityEventType type) const {
    const std::lock_guard lock(mutex_);
    return static_cast<std::size_t>(std::count_if(
        seen_.begin(), seen_.end(), [type](const auto& event) { return event.type == type; }));
  }

  bool saw(observability::SecurityEventType type, std::string_view detail) const {
    const std::lock_guard lock(mutex_);
    return std::any_of(seen_.begin(), seen_.end(), [&](const auto& event) {
      return event.type == type && event.detail == detail;
    });
  }

 private:
  mutable std::mutex mutex_;
  std::vector<observability::SecurityEvent> seen_;
};

}  // namespace evently::testing
