#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

namespace evently {

/// A value that many threads read without a lock and one thread replaces now and then. A reference
/// from get() is good for the statement, never across a co_await: of the values that were replaced
/// the newest 16 are kept, and replacements are seconds apart.
template <class T>
class Latest {
 public:
  explicit Latest(T first) { replace(std::move(first)); }

  const T& get() const { return *now_.load(std::memory_order_acquire); }

  void replace(T next) {
    const std::lock_guard guard(mutex_);
    kept_.push_back(std::make_unique<const T>(std::move(next)));
    now_.store(kept_.back().get(), std::memory_order_release);
    if (kept_.size() > kKept) kept_.pop_front();
  }

 private:
  static constexpr std::size_t kKept = 16;
  std::mutex mutex_;
  std::deque<std::unique_ptr<const T>> kept_;
  std::atomic<const T*> now_{nullptr};
};

}  // namespace evently
