#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::bookings {

/// What one wish got: a verdict, or the fault that hit it.
template <class Verdict>
struct Answer {
  Verdict verdict{};
  std::exception_ptr fault;
};

/// Gathers the wishes of many coroutines, on any thread, into batches that run one after the other
/// on the desk's io_context: while one batch commits the next gathers, so the batch size fits
/// itself to the load and an idle desk adds no delay. Bounded: beyond `max_waiting` a wish is
/// refused at once, and one whose deadline passed while it waited is never run.
template <class Wish, class Verdict>
class GroupCommit {
 public:
  using RunBatch = std::function<Task<std::vector<Answer<Verdict>>>(std::vector<Wish>)>;
  using Deadline = std::chrono::steady_clock::time_point;

  GroupCommit(boost::asio::io_context& desk, std::size_t max_batch, std::size_t max_waiting, RunBatch run_batch)
      : desk_(desk), max_batch_(max_batch), max_waiting_(max_waiting), run_batch_(std::move(run_batch)) {}

  /// Resumes on the caller's executor once the wish's batch is durable.
  Task<Verdict> submit(Wish wish, Deadline deadline) {
    auto start = [this](auto handler, Wish wanted, Deadline limit) {
      this->enqueue(std::move(handler), std::move(wanted), limit);
    };
    const Answer<Verdict> answer =
        co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void(Answer<Verdict>)>(
            start, boost::asio::use_awaitable, std::move(wish), deadline);
    if (answer.fault) std::rethrow_exception(answer.fault);
    co_return answer.verdict;
  }

 private:
  struct Waiting {
    Wish wish;
    Deadline deadline;
    std::function<void(Answer<Verdict>)> finish;
    boost::asio::any_io_executor executor;
  };

  template <class Handler>
  void enqueue(Handler handler, Wish wish, Deadline deadline) {
    boost::asio::any_io_executor executor = boost::asio::prefer(
        boost::asio::get_associated_executor(handler), boost::asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<Handler>(std::move(handler));
    auto finish = [shared](Answer<Verdict> answer) { std::move (*shared)(std::move(answer)); };
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < max_waiting_) {
        waiting_.push_back(Waiting{std::move(wish), deadline, finish, executor});
        wake = !std::exchange(running_, true);
        if (!wake) return;
      }
    }
    if (wake) {
      boost::asio::co_spawn(desk_, serve(), boost::asio::detached);  // ends when nothing waits
      return;
    }
    refuse(finish, executor, "the desk's queue is full");
  }

  static void refuse(const std::function<void(Answer<Verdict>)>& finish, const boost::asio::any_io_executor& executor, const char* why) {
    auto fault = std::make_exception_ptr(postgres::PoolExhausted(why));
    boost::asio::post(executor, [finish, fault] { finish(Answer<Verdict>{{}, fault}); });
  }

  std::vector<Waiting> next_batch() {
    const std::lock_guard lock(mutex_);
    const std::size_t size = std::min(max_batch_, waiting_.size());
    std::vector<Waiting> batch(std::make_move_iterator(waiting_.begin()),
                               std::make_move_iterator(waiting_.begin() + static_cast<long>(size)));
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<long>(size));
    if (batch.empty()) running_ = false;
    return batch;
  }

  Task<void> serve() {
    while (true) {
      std::vector<Waiting> batch = next_batch();
      if (batch.empty()) co_return;
      const auto now = std::chrono::steady_clock::now();
      std::erase_if(batch, [now](const Waiting& one) {
        if (one.deadline > now) return false;
        refuse(one.finish, one.executor, "the deadline passed in the desk's queue");
        return true;
      });
      if (batch.empty()) continue;

      std::vector<Wish> wishes;
      wishes.reserve(batch.size());
      for (const Waiting& one : batch) wishes.push_back(one.wish);
      std::vector<Answer<Verdict>> answers = co_await run_batch_(std::move(wishes));
      deliver(std::move(batch), std::move(answers));
    }
  }

  /// One post a worker thread and batch, not one an answer.
  static void deliver(std::vector<Waiting> batch, std::vector<Answer<Verdict>> answers) {
    using Finished = std::vector<std::pair<std::function<void(Answer<Verdict>)>, Answer<Verdict>>>;
    std::map<void*, std::pair<boost::asio::any_io_executor, std::shared_ptr<Finished>>> by_worker;
    for (std::size_t i = 0; i < batch.size(); ++i) {
      void* worker = &boost::asio::query(batch[i].executor, boost::asio::execution::context);
      auto& [executor, finished] = by_worker[worker];
      if (!finished) {
        executor = batch[i].executor;
        finished = std::make_shared<Finished>();
      }
      finished->emplace_back(std::move(batch[i].finish), std::move(answers[i]));
    }
    for (auto& [worker, group] : by_worker) {
      boost::asio::post(group.first, [finished = group.second] {
        for (auto& [finish, answer] : *finished) finish(std::move(answer));
      });
    }
  }

  boost::asio::io_context& desk_;
  const std::size_t max_batch_;
  const std::size_t max_waiting_;
  RunBatch run_batch_;
  std::mutex mutex_;
  std::vector<Waiting> waiting_;
  bool running_ = false;
};

}  // namespace evently::bookings
