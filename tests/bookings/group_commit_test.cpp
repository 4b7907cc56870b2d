#include "bookings/group_commit.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "support/run_task.hpp"

namespace evently::bookings {
namespace {

namespace asio = boost::asio;
using testing::run_task;
using testing::run_together;
using Time = std::chrono::steady_clock;
using Answers = std::vector<Answer<int>>;

/// A desk that answers each wish with its double; batches wait while the gate is shut.
class GroupCommitTest : public ::testing::Test {
 protected:
  GroupCommitTest() : thread_([this] { desk_.run(); }) {}
  ~GroupCommitTest() override {
    open_gate();
    work_.reset();
    thread_.join();
  }

  void open_gate() { gate_open_ = true; }
  Task<Answers> run(std::vector<int> wishes) {
    sizes_.push_back(wishes.size());
    ++runs_;
    asio::steady_timer poll(desk_);
    while (!gate_open_) {
      poll.expires_after(std::chrono::milliseconds(1));
      co_await poll.async_wait(asio::use_awaitable);
    }
    if (throws_) throw std::runtime_error("broken");
    Answers answers;
    for (const int wish : wishes) answers.push_back({wish * 2, nullptr});
    co_return answers;
  }
  Task<std::string> ask(int wish, std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    std::string said;
    try {
      const int answer = co_await group_.submit(wish, Time::now() + patience);
      said = std::to_string(answer);
    } catch (const postgres::PoolExhausted&) {
      said = "exhausted";
    } catch (const postgres::ConnectionLost& lost) {
      said = lost.sent ? "unknown" : "lost";
    } catch (const std::runtime_error& fault) {
      said = fault.what();
    }
    co_return said;
  }
  /// Lets a first batch of one go out and stay there.
  std::future<std::string> keep_desk_busy(
      std::chrono::milliseconds patience = std::chrono::seconds(20)) {
    gate_open_ = false;
    auto answer = asio::co_spawn(desk_, ask(0, patience), asio::use_future);
    while (runs_ == 0) std::this_thread::yield();
    return answer;
  }
  /// Starts the tries, waits until they are queued, then opens the gate.
  std::vector<std::string> ask_behind(std::vector<Task<std::string>> tries) {
    std::vector<std::future<std::string>> answers;
    for (auto& one : tries)
      answers.push_back(asio::co_spawn(io_, std::move(one), asio::use_future));
    io_.restart();
    io_.poll();
    open_gate();
    io_.run();
    std::vector<std::string> results;
    for (auto& answer : answers) results.push_back(answer.get());
    return results;
  }

  asio::io_context io_;
  asio::io_context desk_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(desk_);
  std::atomic<bool> gate_open_{true};
  std::atomic<bool> throws_{false};
  std::atomic<int> runs_{0};
  std::vector<std::size_t> sizes_;  // read once the batches are over
  GroupCommit<int, int> group_{desk_, 4, 6,
                               [this](std::vector<int> wishes) { return run(std::move(wishes)); }};
  std::thread thread_;
};

TEST_F(GroupCommitTest, AnswersALoneWishAtOnce) { EXPECT_EQ(run_task(io_, ask(21)), "42"); }

TEST_F(GroupCommitTest, GathersWhileABatchIsOutAndKeepsTheOrder) {
  auto first = keep_desk_busy();
  std::vector<Task<std::string>> tries;
  for (int n = 1; n <= 6; ++n) tries.push_back(ask(n));
  EXPECT_EQ(ask_behind(std::move(tries)),
            (std::vector<std::string>{"2", "4", "6", "8", "10", "12"}));
  EXPECT_EQ(first.get(), "0");
  EXPECT_EQ(sizes_, (std::vector<std::size_t>{1, 4, 2}));
}

TEST_F(GroupCommitTest, RefusesAtOnceWhenTheQueueIsFull) {
  auto first = keep_desk_busy();
  std::vector<Task<std::string>> tries;
  for (int n = 1; n <= 8; ++n) tries.push_back(ask(n));
  const auto answers = ask_behind(std::move(tries));
  EXPECT_EQ(std::count(answers.begin(), answers.end(), "exhausted"), 2);
  EXPECT_EQ(first.get(), "0");
}

TEST_F(GroupCommitTest, NeverRunsAWishWhoseDeadlinePassedInTheQueue) {
  auto first = keep_desk_busy();
  EXPECT_EQ(run_task(io_, ask(1, std::chrono::milliseconds(30))), "exhausted");
  open_gate();
  EXPECT_EQ(first.get(), "0");
  EXPECT_EQ(run_task(io_, ask(2)), "4");
  EXPECT_EQ(runs_, 2);
}

TEST_F(GroupCommitTest, AnswersAtTheDeadlineEvenWhenTheBatchIsStillOut) {
  auto first = keep_desk_busy(std::chrono::milliseconds(50));
  EXPECT_EQ(first.get(), "unknown");
  open_gate();
  EXPECT_EQ(run_task(io_, ask(2)), "4");
}

TEST_F(GroupCommitTest, SurvivesABatchThatThrows) {
  throws_ = true;
  EXPECT_EQ(run_task(io_, ask(1)), "broken");
  throws_ = false;
  EXPECT_EQ(run_task(io_, ask(2)), "4");
}

TEST_F(GroupCommitTest, AnswersManyThreadsEachOnItsOwn) {
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, &right, t] {
      asio::io_context io;
      for (int n = 0; n < 200; ++n) {
        const int wish = t * 1000 + n;
        right += run_task(io, ask(wish)) == std::to_string(wish * 2) ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 800);
}

}  // namespace
}  // namespace evently::bookings
