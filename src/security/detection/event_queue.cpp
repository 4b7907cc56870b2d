#include "security/detection/event_queue.hpp"

#include <utility>

namespace evently::security {

EventQueue::EventQueue() { waiting_.reserve(kRoom); }

void EventQueue::observe(observability::SecurityEvent event) noexcept {
  seen_[static_cast<std::size_t>(event.type)].fetch_add(1, std::memory_order_relaxed);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() < kRoom) {
    waiting_.push_back(std::move(event));  // never grows: the room is reserved
  } else {
    dropped_.fetch_add(1, std::memory_order_relaxed);
  }
}

std::vector<observability::SecurityEvent> EventQueue::drain() {
  std::vector<observability::SecurityEvent> room;
  room.reserve(kRoom);
  const std::lock_guard lock(mutex_);
  std::swap(room, waiting_);
  return room;
}

EventQueue::Counts EventQueue::seen() const {
  Counts counts{};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] = seen_[i].load();
  return counts;
}

}  // namespace evently::security
