#pragma once

#include <array>
#include <atomic>
#include <mutex>
#include <vector>

#include "platform/observability/security_event.hpp"
#include "security/detection/event_names.hpp"

namespace evently::security {

/// The sink: what all workers observe waits here, at most kRoom events, for the one that drains it.
/// Counts by type never miss an event, also one there was no room for. Thread-safe.
class EventQueue final : public observability::SecuritySink {
 public:
  static constexpr std::size_t kRoom = 16'384;
  using Counts = std::array<std::uint64_t, kEventNames.size()>;

  EventQueue();
  void observe(observability::SecurityEvent event) noexcept override;

  std::vector<observability::SecurityEvent> drain();
  /// Seen since the start, by type.
  Counts seen() const;
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  std::mutex mutex_;
  std::vector<observability::SecurityEvent> waiting_;
  std::array<std::atomic<std::uint64_t>, kEventNames.size()> seen_{};
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace evently::security
