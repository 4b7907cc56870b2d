#include "platform/outgoing/outgoing_queue.hpp"

#include <utility>

namespace evently::outgoing {
namespace {

constexpr int kPauseFactor = 4;
constexpr char kEnded[] = "the program ended";

}  // namespace

OutgoingQueue::OutgoingQueue(QueueLimits limits, Outcomes outcomes)
    : limits_(limits),
      outcomes_(std::move(outcomes)),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

OutgoingQueue::~OutgoingQueue() {
  thread_.request_stop();
  thread_.join();
  if (!waiting_.empty()) outcomes_.lost(kEnded, waiting_.size());
}

bool OutgoingQueue::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < limits_.max_waiting) {
      waiting_.push_back(std::move(job));
      changed_.notify_one();
      return true;
    }
  }
  outcomes_.lost("the queue is full", 1);
  return false;
}

void OutgoingQueue::run(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    const Job job = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    const std::string why = deliver(job, stop);
    if (why.empty()) {
      outcomes_.sent();
    } else {
      outcomes_.lost(why, 1);
    }
    lock.lock();
  }
}

std::string OutgoingQueue::deliver(const Job& job, const std::stop_token& stop) {
  auto pause = limits_.first_pause;
  for (int i = 1;; ++i, pause *= kPauseFactor) {
    Attempt attempt = job(stop);
    if (attempt.why.empty() || attempt.is_final || i == limits_.attempts) return attempt.why;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, pause, [] { return false; });
    if (stop.stop_requested()) return kEnded;
  }
}

}  // namespace evently::outgoing
