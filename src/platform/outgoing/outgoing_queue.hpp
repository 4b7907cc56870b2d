#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

namespace evently::outgoing {

/// How an attempt to deliver something ended.
struct Attempt {
  std::string why;        ///< empty: delivered
  bool is_final = false;  ///< trying again would change nothing
};

struct QueueLimits {
  std::size_t max_waiting;                       ///< beyond it new ones are refused
  int attempts = 4;                              ///< of one; then it is given up
  std::chrono::milliseconds first_pause{1'000};  ///< between attempts, four times longer each time
};

/// One thread that brings things away, in order, so that no request ever waits for a receiver. In
/// memory: what waits when the program ends is lost. Thread-safe.
class OutgoingQueue {
 public:
  /// One attempt; called again when it failed. The token asks for an early end.
  using Job = std::function<Attempt(const std::stop_token& stop)>;
  /// Both are called on any thread.
  struct Outcomes {
    std::function<void()> sent;
    std::function<void(std::string_view why, std::size_t count)> lost;
  };

  OutgoingQueue(QueueLimits limits, Outcomes outcomes);
  ~OutgoingQueue();
  OutgoingQueue(const OutgoingQueue&) = delete;
  OutgoingQueue& operator=(const OutgoingQueue&) = delete;

  /// Never waits. False when there was no room: then it is lost.
  bool post(Job job);

 private:
  void run(const std::stop_token& stop);
  std::string deliver(const Job& job, const std::stop_token& stop);

  const QueueLimits limits_;
  const Outcomes outcomes_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Job> waiting_;
  std::jthread thread_;  ///< last: it uses the others
};

}  // namespace evently::outgoing
