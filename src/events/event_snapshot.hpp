#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "events/event_repository.hpp"

namespace evently::events {

/// An open event and its finished JSON: pages are put together from these.
struct OpenEvent {
  Event event;
  std::string json;
};

/// The open events as of one moment. Immutable.
struct EventPages {
  std::vector<std::shared_ptr<const OpenEvent>> by_date;  ///< by (event_date, id)
  std::unordered_map<Uuid, std::shared_ptr<const OpenEvent>> by_id;
  std::uint64_t generation = 0;  ///< another number whenever anything differs
  bool complete = true;          ///< false: there are more open events than are kept

  /// At most `count` events behind a position of the order, from the first when it is nullptr.
  std::vector<const OpenEvent*> after(const Event* position, std::size_t count) const;
};

/// What the public reads see: renewed by one background query a second whatever the traffic, so
/// losing a cache can never move load to the database. Thread-safe.
class EventSnapshot {
 public:
  /// Loads what changed. Of refreshes that overlap, the one that began last wins, so whoever
  /// refreshes after a commit sees that commit. Throws as Pool; the pages stay as they are then.
  Task<void> refresh(EventRepository& repository,
                     postgres::Deadline deadline = postgres::Deadline::max());

  std::shared_ptr<const EventPages> pages() const;
  /// pages()->generation, without a lock.
  std::uint64_t generation() const { return generation_.load(std::memory_order_acquire); }
  /// Since the newest refresh began; about 100 years before the first.
  std::chrono::steady_clock::duration age() const;

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const EventPages> pages_ = std::make_shared<EventPages>();
  std::uint64_t installed_ = 0;
  std::atomic<std::uint64_t> begun_{0};
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<std::chrono::steady_clock::rep> taken_at_{-kNever};

  static constexpr std::chrono::steady_clock::rep kNever =
      std::chrono::steady_clock::duration(std::chrono::hours(24 * 36'500)).count();
};

}  // namespace evently::events
