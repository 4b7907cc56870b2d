#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>

#include "support/eventually.hpp"
#include "support/pool_fixture.hpp"

namespace evently::postgres {
namespace {

using std::chrono::milliseconds;
using testing::PoolPgTest;
namespace asio = boost::asio;

constexpr Statement kOne{"test.one", "SELECT 1 AS one"};
constexpr Statement kSleep{"test.sleep", "SELECT pg_sleep($1)"};
constexpr Statement kEcho{"test.echo",
                          "SELECT $1::integer AS n, current_setting('app.ctx') AS ctx"};
constexpr Statement kLength{"test.length", "SELECT length($1) AS n"};
constexpr Statement kRepeat{"test.repeat", "SELECT repeat('x', $1) AS text"};

class PoolQueuePgTest : public PoolPgTest {
 protected:
  std::future<Rows> start(Pool& pool, const Statement& statement, Parameters values = {},
                          Deadline deadline = Deadline::max()) {
    TransactionOptions options;
    options.deadline = deadline;
    return asio::co_spawn(io_, pool.run(options, statement, std::move(values)), asio::use_future);
  }
  void run_io() {
    io_.restart();
    io_.run();
  }
  /// Runs the loop until something holds.
  bool run_until(const std::function<bool()>& holds) {
    io_.restart();
    return testing::eventually([&] {
      io_.poll();
      return holds();
    });
  }
};

TEST_F(PoolQueuePgTest, OpensNoMoreConnectionsThanItMay) {
  std::vector<Task<Rows>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(pool_.run({}, kOne, {}));
  testing::run_together(io_, std::move(tasks));
  EXPECT_EQ(pool_.usage().open, 2U);
  EXPECT_EQ(pool_.usage().busy, 0U);
}

TEST_F(PoolQueuePgTest, RefusesAtOnceWhenTheQueueIsFull) {
  PoolOptions narrow = options(1);
  narrow.max_waiting = 2;
  Pool pool(io_, narrow);
  std::vector<std::future<Rows>> answers;
  for (int i = 0; i < 4; ++i) answers.push_back(start(pool, kOne));
  run_io();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(answers[i].get().size(), 1);
  EXPECT_THROW(answers[3].get(), PoolExhausted);
}

TEST_F(PoolQueuePgTest, RefusesAtTheDeadlineWhenNoConnectionBecomesFree) {
  Pool pool(io_, options(1));
  auto busy = start(pool, kSleep, parameters("0.5"));
  auto late = start(pool, kOne, {}, in(milliseconds(100)));
  auto patient = start(pool, kOne);
  run_io();
  busy.get();
  EXPECT_THROW(late.get(), PoolExhausted);
  EXPECT_EQ(patient.get().size(), 1);
}

TEST_F(PoolQueuePgTest, ServesInTheOrderOfArrival) {
  Pool pool(io_, options(1));
  std::vector<int> served;
  for (int i = 0; i < 10; ++i) {
    asio::co_spawn(io_, pool.run({}, kOne, {}),
                   [&served, i](std::exception_ptr fault, const Rows&) {
                     if (!fault) served.push_back(i);
                   });
  }
  run_io();
  EXPECT_EQ(served, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
}

/// One of many callers: each of its calls has its own context and must get its own answer back.
Task<int> call_often(Pool* pool, int caller, int times) {
  int right = 0;
  for (int i = 0; i < times; ++i) {
    const int n = caller * 1000 + i;
    TransactionOptions options;
    options.context = "ctx-" + std::to_string(n);
    const Rows rows = co_await pool->run(options, kEcho, parameters(n));
    right +=
        rows[0].get<std::int32_t>("n") == n && rows[0].get<std::string>("ctx") == options.context;
  }
  co_return right;
}

TEST_F(PoolQueuePgTest, NeverMixesTenThousandCallsOfAHundredCallers) {
  std::vector<Task<int>> tasks;
  for (int caller = 0; caller < 100; ++caller) tasks.push_back(call_often(&pool_, caller, 100));
  int right = 0;
  for (const int share : testing::run_together(io_, std::move(tasks))) right += share;
  EXPECT_EQ(right, 10'000);
}

TEST_F(PoolQueuePgTest, CarriesABatchOfEightArrays) {
  constexpr Statement kBatch{
      "test.batch",
      "SELECT a, b, c, d, e, f, g, h FROM unnest($1::uuid[], $2::text[], $3::integer[], "
      "$4::uuid[], "
      "$5::text[], $6::timestamptz[], $7::numeric[], $8::text[]) AS t(a, b, c, d, e, f, g, h)"};
  constexpr int kElements = 256;
  std::vector<std::optional<std::string>> ids, contexts, counts, times, prices;
  for (int i = 0; i < kElements; ++i) {
    ids.emplace_back(encode(make_uuid_v7()));
    contexts.emplace_back(std::string(300, 'c'));
    counts.emplace_back(encode(i));
    times.emplace_back(encode(TimePoint(std::chrono::seconds(i))));
    prices.emplace_back(encode(Money{i}));
  }
  const Rows rows =
      run(kBatch, Parameters{encode_array(ids), encode_array(contexts), encode_array(counts),
                             encode_array(ids), encode_array(contexts), encode_array(times),
                             encode_array(prices), encode_array(contexts)});
  ASSERT_EQ(rows.size(), kElements);
  EXPECT_EQ(rows[255].get<std::int32_t>("c"), 255);
  EXPECT_EQ(rows[255].get<Money>("g"), Money{255});
}

TEST_F(PoolQueuePgTest, DoesNotBlockWhenBothSidesHaveMuchToSay) {
  constexpr int kLarge = 16 * 1024 * 1024;  // far beyond any socket buffer
  TransactionOptions bounded;
  bounded.deadline = in(std::chrono::seconds(60));
  const auto rows = run_all({{kRepeat, parameters(kLarge)},
                             {kLength, parameters(std::string(kLarge, 'y'))},
                             {kRepeat, parameters(kLarge)}},
                            bounded);
  EXPECT_EQ(rows[0][0].get<std::string_view>("text").size(), std::size_t{kLarge});
  EXPECT_EQ(rows[1][0].get<std::int32_t>("n"), kLarge);
}

TEST_F(PoolQueuePgTest, DropsTheConnectionOfAnAbandonedCall) {
  constexpr Statement kAbandoned{"test.abandoned", "SELECT pg_sleep(30), 'abandoned'"};
  constexpr Statement kAtWork{"test.at_work",
                              "SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' "
                              "AND query LIKE '%''abandoned''%'"};
  asio::cancellation_signal abandon;
  bool ended = false;
  asio::co_spawn(io_, pool_.run({}, kAbandoned, {}),
                 asio::bind_cancellation_slot(abandon.slot(), [&](std::exception_ptr fault, Rows) {
                   ended = fault != nullptr;
                 }));
  ASSERT_TRUE(run_until([&] { return outside_.run(kAtWork).size() == 1; }));
  abandon.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(run_until([&] { return ended; }));
  EXPECT_EQ(pool_.usage().open, 0U);
  EXPECT_EQ(run(kOne).size(), 1);
}

TEST_F(PoolQueuePgTest, DoesNotBackOffBecauseACallWasAbandonedWhileItConnected) {
  PoolOptions mute = options(1);
  asio::ip::tcp::acceptor silent(io_, {asio::ip::address_v4::loopback(), 0});
  mute.conninfo = "host=127.0.0.1 port=" + std::to_string(silent.local_endpoint().port()) +
                  " dbname=evently user=nobody";
  mute.connect_timeout = milliseconds(100);
  Pool pool(io_, mute);
  asio::cancellation_signal abandon;
  bool ended = false;
  asio::co_spawn(io_, pool.run({}, kOne, {}),
                 asio::bind_cancellation_slot(abandon.slot(), [&](std::exception_ptr fault, Rows) {
                   ended = fault != nullptr;
                 }));
  ASSERT_TRUE(run_until([&] { return pool.usage().open == 1; }));
  abandon.emit(asio::cancellation_type::terminal);
  ASSERT_TRUE(run_until([&] { return ended; }));
  EXPECT_EQ(pool.usage().open, 0U);
  // The next call tries for itself.
  const auto lost = fault_of<ConnectionLost>([&] { run(pool, kOne); });
  EXPECT_NE(std::string(lost.what()).find("no answer by the deadline"), std::string::npos);
}

TEST_F(PoolQueuePgTest, PassesOverACallThatWasAbandonedInTheQueue) {
  Pool pool(io_, options(1));
  asio::cancellation_signal abandon;
  auto first = start(pool, kSleep, parameters("0.2"));
  asio::co_spawn(io_, pool.run({}, kOne, {}),
                 asio::bind_cancellation_slot(abandon.slot(), asio::detached));
  auto third = start(pool, kOne);
  ASSERT_TRUE(run_until([&] { return pool.usage().waiting == 2; }));
  abandon.emit(asio::cancellation_type::terminal);
  run_io();
  first.get();
  EXPECT_EQ(third.get().size(), 1);
  EXPECT_EQ(pool.usage().waiting, 0U);
}

TEST_F(PoolQueuePgTest, OutlivesALoopThatEndsWithCallsInFlight) {
  auto loop = std::make_unique<asio::io_context>();
  auto pool = std::make_unique<Pool>(*loop, options(1));
  for (int i = 0; i < 3; ++i) {
    asio::co_spawn(*loop, pool->run({}, kSleep, parameters(30)), asio::detached);
  }
  ASSERT_TRUE(testing::eventually([&] {
    loop->poll();
    return pool->usage().waiting == 2;
  }));
  pool.reset();
  loop.reset();
}

TEST_F(PoolQueuePgTest, LetsCallsInFlightFinishAndRefusesNewOnesWhenClosed) {
  Pool pool(io_, options(1));
  auto busy = start(pool, kSleep, parameters("0.1"));
  auto waiting = start(pool, kOne);
  ASSERT_TRUE(run_until([&] { return pool.usage().waiting == 1; }));
  pool.close();
  auto late = start(pool, kOne);
  run_io();
  EXPECT_EQ(busy.get().size(), 1);
  EXPECT_THROW(waiting.get(), PoolExhausted);
  EXPECT_THROW(late.get(), PoolExhausted);
  EXPECT_EQ(pool.usage().open, 0U);
}

}  // namespace
}  // namespace evently::postgres
