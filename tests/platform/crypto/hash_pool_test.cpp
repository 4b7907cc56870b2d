#include "platform/crypto/hash_pool.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <future>
#include <stdexcept>

#include "support/run_task.hpp"

namespace evently::crypto {
namespace {

using testing::run_task;
using Time = std::chrono::steady_clock;

Time::time_point soon() { return Time::now() + std::chrono::seconds(30); }

/// A job that holds its thread until it is let go.
class Gate {
 public:
  std::function<void()> job() {
    return [this] {
      entered_.set_value();
      open_.wait();
    };
  }
  void await_entry() { entered_.get_future().wait(); }
  void open() { opened_.set_value(); }

 private:
  std::promise<void> entered_;
  std::promise<void> opened_;
  std::shared_future<void> open_ = opened_.get_future().share();
};

/// Keeps the answer of a run; `io` is run by the test.
void start(boost::asio::io_context& io, HashPool& pool, std::function<void()> job,
           Time::time_point deadline, std::future<bool>& answer) {
  answer = boost::asio::co_spawn(io, pool.run(std::move(job), deadline), boost::asio::use_future);
  io.restart();
  io.poll();  // up to the wait for the pool
}

TEST(HashPool, RunsTheJobAndComesBackToTheCaller) {
  boost::asio::io_context io;
  HashPool pool(1, 4);
  std::thread::id worked_on;
  EXPECT_TRUE(run_task(io, pool.run([&] { worked_on = std::this_thread::get_id(); }, soon())));
  EXPECT_NE(worked_on, std::thread::id());
  EXPECT_NE(worked_on, std::this_thread::get_id());
}

TEST(HashPool, RunsManyJobsOnSeveralThreads) {
  boost::asio::io_context io;
  HashPool pool(3, 1000);
  std::atomic<int> done{0};
  std::vector<Task<bool>> tasks;
  for (int i = 0; i < 500; ++i) tasks.push_back(pool.run([&] { ++done; }, soon()));
  const auto answers = testing::run_together(io, std::move(tasks));
  EXPECT_EQ(std::count(answers.begin(), answers.end(), true), 500);
  EXPECT_EQ(done, 500);
}

TEST(HashPool, RefusesAtOnceWhenTheQueueIsFull) {
  boost::asio::io_context io;
  HashPool pool(1, 2);
  Gate gate;
  std::vector<std::future<bool>> answers(4);
  start(io, pool, gate.job(), soon(), answers[0]);
  gate.await_entry();
  for (std::size_t i = 1; i < 4; ++i) start(io, pool, [] {}, soon(), answers[i]);
  EXPECT_EQ(pool.waiting(), 2U);
  EXPECT_EQ(answers[3].wait_for(std::chrono::seconds(0)), std::future_status::ready);
  gate.open();
  io.restart();
  io.run();
  EXPECT_TRUE(answers[0].get());
  EXPECT_TRUE(answers[1].get());
  EXPECT_TRUE(answers[2].get());
  EXPECT_FALSE(answers[3].get());
}

TEST(HashPool, SkipsAJobWhoseDeadlinePassedWhileItWaited) {
  boost::asio::io_context io;
  HashPool pool(1, 4);
  Gate gate;
  bool ran = false;
  std::vector<std::future<bool>> answers(2);
  start(io, pool, gate.job(), soon(), answers[0]);
  gate.await_entry();
  start(io, pool, [&] { ran = true; }, Time::now(), answers[1]);
  gate.open();
  io.restart();
  io.run();
  EXPECT_TRUE(answers[0].get());
  EXPECT_FALSE(answers[1].get());
  EXPECT_FALSE(ran);
}

TEST(HashPool, CarriesAFaultToTheCaller) {
  boost::asio::io_context io;
  HashPool pool(1, 4);
  EXPECT_THROW(run_task(io, pool.run([] { throw std::runtime_error("no memory"); }, soon())),
               std::runtime_error);
  EXPECT_TRUE(run_task(io, pool.run([] {}, soon())));
}

TEST(HashPool, AnswersTheWaitingWhenStopped) {
  boost::asio::io_context io;
  HashPool pool(1, 4);
  Gate gate;
  std::vector<std::future<bool>> answers(2);
  start(io, pool, gate.job(), soon(), answers[0]);
  gate.await_entry();
  start(io, pool, [] {}, soon(), answers[1]);
  std::thread stopper([&] { pool.stop(); });
  while (pool.waiting() > 0) std::this_thread::yield();
  gate.open();
  stopper.join();
  io.restart();
  io.run();
  EXPECT_TRUE(answers[0].get());
  EXPECT_FALSE(answers[1].get());
  EXPECT_FALSE(run_task(io, pool.run([] {}, soon())));
}

TEST(HashPool, LetsAnIoContextGoWithoutAnswersAfterStop) {
  HashPool pool(1, 4);
  std::future<bool> answer;
  {
    boost::asio::io_context io;
    start(io, pool, [] {}, soon(), answer);
    pool.stop();
  }
  EXPECT_THROW(answer.get(), std::future_error);
}

TEST(HashPool, WorksBelowTheRequestThreads) {
  boost::asio::io_context io;
  HashPool pool(1, 4);
  const int ours = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
  int theirs = 0;
  run_task(io, pool.run(
                   [&] {
                     theirs = ::getpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)));
                   },
                   soon()));
  EXPECT_EQ(theirs, std::min(ours + 5, 19));
}

}  // namespace
}  // namespace evently::crypto
