#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/task.hpp"

namespace evently::crypto {

/// Threads for password hashing, apart from those that serve requests and below them in priority,
/// behind a bounded queue: sign-ins can crowd each other out, never the bookings. Thread-safe.
class HashPool {
 public:
  /// About 1.3 s of work for one thread.
  static constexpr std::size_t kDefaultMaxWaiting = 32;
  /// One for two cores.
  static std::size_t default_threads();

  /// At least one thread is started.
  HashPool(std::size_t threads, std::size_t max_waiting);
  ~HashPool();
  HashPool(const HashPool&) = delete;
  HashPool& operator=(const HashPool&) = delete;

  /// Runs `job` on a pool thread and resumes on the caller's executor, where it rethrows what the
  /// job threw. False when it was not run: the queue was full, the deadline passed while it waited,
  /// or the pool was stopped. The executor's io_context must outlive the pool, or its stop().
  Task<bool> run(std::function<void()> job, std::chrono::steady_clock::time_point deadline);

  std::size_t waiting() const;

  /// Waits for the running jobs and answers the waiting ones with false. May be called again, by
  /// the thread that called it first.
  void stop();

 private:
  struct Job {
    std::function<void()> work;
    std::function<void(std::exception_ptr fault, bool done)> finish;
    std::chrono::steady_clock::time_point deadline;
  };
  void serve();
  static void execute(const Job& job);

  const std::size_t max_waiting_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace evently::crypto
