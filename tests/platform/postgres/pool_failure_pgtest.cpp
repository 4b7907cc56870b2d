#include <signal.h>

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <fstream>

#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "support/eventually.hpp"
#include "support/pool_fixture.hpp"
#include "support/scratch_folder.hpp"

namespace evently::postgres {
namespace {

using std::chrono::milliseconds;
using testing::PoolPgTest;
using Time = std::chrono::steady_clock;

constexpr Statement kOne{"test.one", "SELECT 1 AS one"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1)"};
constexpr Statement kMark{"test.mark", "INSERT INTO marks (id) VALUES ($1)"};
constexpr Statement kSuicide{"test.suicide", "SELECT pg_terminate_backend(pg_backend_pid())"};

/// What a deadline may cost beyond itself: the grace of 100 ms, and a starved machine. What it
/// guards against lasts two seconds longer than the deadline here, or for ever.
constexpr milliseconds kTolerance{1500};

class PoolFailurePgTest : public PoolPgTest {
 protected:
  static TransactionOptions until(Deadline deadline) {
    TransactionOptions options;
    options.deadline = deadline;
    return options;
  }

  /// One connection to a socket that takes it and then says nothing.
  PoolOptions mute_server() const {
    PoolOptions mute = options(1);
    mute.conninfo = "host=127.0.0.1 port=" + std::to_string(silent_.local_endpoint().port()) +
                    " dbname=evently user=nobody";
    mute.connect_timeout = milliseconds(200);
    return mute;
  }

 private:
  boost::asio::ip::tcp::acceptor silent_{io_, {boost::asio::ip::address_v4::loopback(), 0}};
};

TEST_F(PoolFailurePgTest, CancelsAStatementAtItsDeadline) {
  run(kOne);
  const Deadline deadline = in(milliseconds(200));
  const QueryError error = query_error_of([&] { run(kSleep, parameters(30), until(deadline)); });
  EXPECT_EQ(error.state, "57014");
  EXPECT_LT(Time::now(), deadline + kTolerance);
}

TEST_F(PoolFailurePgTest, DeadlineOfOneTransactionIsNotTheNextOnes) {
  run(kOne, {}, until(in(milliseconds(1000))));
  EXPECT_EQ(run(kSleep, parameters("1.2")).size(), 1);
}

TEST_F(PoolFailurePgTest, CancelsAWaitForALockAtItsDeadline) {
  outside_.script("test.lock", "BEGIN; LOCK TABLE marks");
  const Deadline deadline = in(milliseconds(200));
  EXPECT_EQ(query_error_of([&] { run(kMark, parameters(1), until(deadline)); }).state, "57014");
  EXPECT_LT(Time::now(), deadline + kTolerance);
  outside_.script("test.unlock", "ROLLBACK");
}

TEST_F(PoolFailurePgTest, BoundsATransactionOfManyShortStatements) {
  std::vector<Call> calls;
  for (int i = 0; i < 100; ++i) calls.push_back({kSleep, parameters("0.03")});
  const Deadline deadline = in(milliseconds(1000));
  fault_of<ConnectionLost>([&] { run_all(calls, until(deadline)); });
  EXPECT_LT(Time::now(), deadline + kTolerance);
  EXPECT_EQ(run(kOne).size(), 1);
}

TEST_F(PoolFailurePgTest, HangsUpOnAServerThatDoesNotAnswer) {
  const int frozen = backend();
  ASSERT_EQ(::kill(frozen, SIGSTOP), 0);
  const Deadline deadline = in(milliseconds(200));
  const auto lost = fault_of<ConnectionLost>([&] { run(kMark, parameters(1), until(deadline)); });
  const auto ended = Time::now();
  ::kill(frozen, SIGCONT);
  EXPECT_TRUE(lost.sent);
  EXPECT_LT(ended, deadline + kTolerance);
  EXPECT_NE(backend(), frozen);
}

TEST_F(PoolFailurePgTest, ReplacesAConnectionThatDiedWhileIdle) {
  terminate(backend());
  EXPECT_EQ(run(kOne).size(), 1);
  EXPECT_EQ(pool_.usage().open, 1U);
}

TEST_F(PoolFailurePgTest, SaysThatTheOutcomeIsUnknownWhenAConnectionDiesAtWork) {
  const auto lost = fault_of<ConnectionLost>(
      [&] { run_all({{kMark, parameters(1)}, {kSuicide, {}}, {kOne, {}}}); });
  EXPECT_TRUE(lost.sent);
  EXPECT_EQ(marks(), 0);
  EXPECT_EQ(run(kOne).size(), 1);
}

TEST_F(PoolFailurePgTest, TellsThatNothingWasSentWhenThereIsNoServer) {
  PoolOptions nowhere = options();
  nowhere.conninfo = "host=/nonexistent dbname=evently user=nobody";
  Pool pool(io_, nowhere);
  const auto first = fault_of<ConnectionLost>([&] { run(pool, kOne); });
  EXPECT_FALSE(first.sent);
  const auto second = fault_of<ConnectionLost>([&] { run(pool, kOne); });
  EXPECT_NE(std::string(second.what()).find("waiting to reconnect"), std::string::npos);
  EXPECT_EQ(pool.usage().open, 0U);
}

TEST_F(PoolFailurePgTest, GivesUpConnectingToAServerThatDoesNotAnswer) {
  const PoolOptions mute = mute_server();
  Pool pool(io_, mute);
  const auto began = Time::now();
  EXPECT_FALSE(fault_of<ConnectionLost>([&] { run(pool, kOne); }).sent);
  EXPECT_LT(Time::now(), began + mute.connect_timeout + kTolerance);
}

TEST_F(PoolFailurePgTest, EveryCallThatWaitsLearnsThatTheServerIsAway) {
  Pool pool(io_, mute_server());  // the first call connects for 200 ms, the others queue behind it
  std::vector<std::future<Rows>> answers;
  for (int i = 0; i < 20; ++i) {
    auto call = pool.run(until(in(std::chrono::seconds(5))), kOne, {});
    answers.push_back(boost::asio::co_spawn(io_, std::move(call), boost::asio::use_future));
  }
  io_.restart();
  io_.run();
  for (auto& answer : answers) EXPECT_THROW(answer.get(), ConnectionLost);
  EXPECT_EQ(pool.usage().open + pool.usage().waiting, 0U);
}

TEST_F(PoolFailurePgTest, WaitersOutliveTheDeathOfTheOnlyConnection) {
  Pool pool(io_, options(1));
  auto killed = boost::asio::co_spawn(io_, pool.run({}, kSuicide, {}), boost::asio::use_future);
  std::vector<Task<Rows>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(pool.run({}, kOne, {}));
  EXPECT_EQ(testing::run_together(io_, std::move(tasks)).size(), 20U);
  EXPECT_THROW(killed.get(), ConnectionLost);
}

TEST_F(PoolFailurePgTest, ComesBackAfterTheServerRestarted) {
  const testing::ScratchFolder folder;
  const EmbeddedCluster cluster({folder / "data", "0123456789abcdef"});
  PoolOptions own = options(3);
  own.conninfo = cluster.conninfo();
  Pool pool(io_, own);
  std::vector<Task<Rows>> tasks;
  for (int i = 0; i < 3; ++i) tasks.push_back(pool.run({}, kSleep, parameters("0.05")));
  testing::run_together(io_, std::move(tasks));
  ASSERT_EQ(pool.usage().open, 3U);

  pid_t postmaster = 0;
  std::ifstream(folder / "data/postgres/postmaster.pid") >> postmaster;
  ASSERT_EQ(::kill(postmaster, SIGINT), 0);
  ASSERT_TRUE(
      testing::eventually([&] { return cluster.restarts() > 0 && can_connect(own.conninfo); }));
  EXPECT_EQ(run(pool, kOne).size(), 1);  // the very first call: all three idle ones are known dead
  EXPECT_EQ(pool.usage().open, 1U);
}

}  // namespace
}  // namespace evently::postgres
