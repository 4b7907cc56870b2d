#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/task.hpp"
#include "bookings/answer.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::bookings {

/// Gathers the wishes of many coroutines, on any thread, into batches that run one after the other
/// on the desk's io_context: while one batch commits the next gathers, so the batch size fits
/// itself to the load and an idle desk adds no delay. Bounded: beyond `max_waiting` a wish is
/// refused at once; one whose deadline passed while it waited is never run; one whose batch is
/// still out at its deadline is answered ConnectionLost{sent}: whether it took effect is unknown.
template <class Wish, class Verdict>
class GroupCommit {
 public:
  using RunBatch = std::function<Task<std::vector<Answer<Verdict>>>(std::vector<Wish>)>;
  using Time = std::chrono::steady_clock;

  GroupCommit(boost::asio::io_context& desk, std::size_t max_batch, std::size_t max_waiting,
              RunBatch run_batch)
      : desk_(desk),
        sweeper_(desk),
        max_batch_(max_batch),
        max_waiting_(max_waiting),
        run_batch_(std::move(run_batch)) {}

  /// Resumes on the caller's executor once the wish's batch is durable.
  Task<Verdict> submit(Wish wish, Time::time_point deadline) {
    using Token = const boost::asio::use_awaitable_t<>;
    auto start = [this](auto handler, Wish wanted, Time::time_point limit) {
      this->enqueue(std::move(handler), std::move(wanted), limit);
    };
    Answer<Verdict> answer = co_await boost::asio::async_initiate<Token, void(Answer<Verdict>)>(
        start, boost::asio::use_awaitable, std::move(wish), deadline);
    if (answer.fault) std::rethrow_exception(answer.fault);
    co_return std::move(answer.verdict);
  }

  /// Once the desk's thread is gone: lets go of whoever still waits, while their executors live.
  void forget_all() {
    waiting_.clear();
    out_.clear();
  }

 private:
  using Finish = std::function<void(Answer<Verdict>)>;
  /// How exactly a deadline is kept while a batch is out. Runs only then.
  static constexpr std::chrono::milliseconds kSweep{25};

  struct Waiting {
    Wish wish;
    Time::time_point deadline;
    Finish finish;  ///< empty once answered
    boost::asio::any_io_executor executor;
  };

  template <class Handler>
  void enqueue(Handler handler, Wish wish, Time::time_point deadline) {
    boost::asio::any_io_executor executor =
        boost::asio::prefer(boost::asio::get_associated_executor(handler),
                            boost::asio::execution::outstanding_work.tracked);
    auto shared = std::make_shared<Handler>(std::move(handler));
    Waiting one{std::move(wish), deadline,
                [shared](Answer<Verdict> answer) { std::move (*shared)(std::move(answer)); },
                std::move(executor)};
    bool wake = false;
    {
      const std::lock_guard lock(mutex_);
      if (waiting_.size() < max_waiting_) {
        waiting_.push_back(std::move(one));
        wake = !std::exchange(running_, true);
      }
    }
    if (one.finish) {  // NOLINT(bugprone-use-after-move): empty if it was moved; no room
      refuse(one, postgres::PoolExhausted("the desk's queue is full"));
    } else if (wake) {
      boost::asio::co_spawn(desk_, serve(), boost::asio::detached);  // ends when nothing waits
    }
  }

  template <class Fault>
  static void refuse(Waiting& one, const Fault& fault) {
    boost::asio::post(one.executor, [finish = std::exchange(one.finish, nullptr), fault] {
      finish(Answer<Verdict>{{}, std::make_exception_ptr(fault)});
    });
  }

  /// Takes the next batch out; those who waited too long are answered instead.
  void take_batch() {
    const auto now = Time::now();
    out_.clear();
    const std::lock_guard lock(mutex_);
    while (!waiting_.empty() && out_.size() < max_batch_) {
      if (waiting_.front().deadline > now) {
        out_.push_back(std::move(waiting_.front()));
      } else {
        refuse_unrun(waiting_.front());
      }
      waiting_.pop_front();
    }
    if (out_.empty()) running_ = false;
  }

  static void refuse_unrun(Waiting& one) {
    refuse(one, postgres::PoolExhausted("the deadline passed in the desk's queue"));
  }

  Task<void> serve() {
    arm_sweeper();
    for (take_batch(); !out_.empty(); take_batch()) {
      std::vector<Wish> wishes;
      wishes.reserve(out_.size());
      for (Waiting& one : out_) wishes.push_back(std::move(one.wish));
      std::vector<Answer<Verdict>> answers(wishes.size());
      try {
        answers = co_await run_batch_(std::move(wishes));
        if (answers.size() != out_.size()) throw std::logic_error("a batch without its answers");
      } catch (const std::exception&) {
        answers.assign(out_.size(), Answer<Verdict>{{}, std::current_exception()});
      }
      deliver(std::move(answers));
    }
    sweeper_.cancel();
  }

  void arm_sweeper() {
    sweeper_.expires_after(kSweep);
    sweeper_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      sweep(Time::now());
      arm_sweeper();
    });
  }

  void sweep(Time::time_point now) {
    for (Waiting& one : out_) {
      if (one.finish && one.deadline <= now)
        refuse(one, postgres::ConnectionLost("the batch is out beyond the deadline", true));
    }
    const std::lock_guard lock(mutex_);
    std::erase_if(waiting_, [now](Waiting& one) {
      if (one.deadline > now) return false;
      refuse_unrun(one);
      return true;
    });
  }

  /// One post a worker thread and batch, not one an answer.
  void deliver(std::vector<Answer<Verdict>> answers) {
    using Finished = std::vector<std::pair<Finish, Answer<Verdict>>>;
    std::map<void*, std::pair<boost::asio::any_io_executor, std::shared_ptr<Finished>>> by_worker;
    for (std::size_t i = 0; i < out_.size(); ++i) {
      if (!out_[i].finish) continue;
      void* worker = &boost::asio::query(out_[i].executor, boost::asio::execution::context);
      auto& [executor, finished] = by_worker[worker];
      if (!finished) {
        executor = out_[i].executor;
        finished = std::make_shared<Finished>();
      }
      finished->emplace_back(std::exchange(out_[i].finish, nullptr), std::move(answers[i]));
    }
    for (auto& [worker, group] : by_worker) {
      boost::asio::post(group.first, [finished = group.second] {
        for (auto& [finish, answer] : *finished) finish(std::move(answer));
      });
    }
  }

  boost::asio::io_context& desk_;
  boost::asio::steady_timer sweeper_;
  const std::size_t max_batch_, max_waiting_;
  RunBatch run_batch_;
  std::mutex mutex_;  // guards the two below; the rest is the desk thread's own
  std::deque<Waiting> waiting_;
  bool running_ = false;      // a serve() is under way and will see what is queued now
  std::vector<Waiting> out_;  // the batch under way, wishes moved out
};

}  // namespace evently::bookings
