// Requirements J1 and J2, E8: what the watch leaves in the database, with one node and with two.
#include "app/background.hpp"
#include "security/watch_fixture.hpp"

namespace evently::security {
namespace {

TEST_F(WatchTest, AFloodOfTwentyThousandIsFewRowsAndOneAlertANetwork) {
  Node node(io, database, clock, {std::nullopt, {}});
  clock.at = std::chrono::floor<std::chrono::minutes>(clock.at);
  for (int second = 0; second < 4; ++second) {
    for (int i = 0; i < 5000; ++i) fail(node, "192.0.2." + std::to_string(i % 10));
    clock.at += 1s;
    tick(node);
  }
  EXPECT_EQ(failures(), 20'000);
  EXPECT_EQ(event_rows(), 10);
  EXPECT_EQ(node.queue.dropped(), 0U);
  EXPECT_EQ(alerts(true), 10);
}

TEST_F(WatchTest, TwoNodesAddUpExactlyAndShareTheirAlerts) {
  Node one(io, database, clock, {std::nullopt, {}});
  Node two(io, database, clock, {std::nullopt, {}});
  for (int round = 0; round < 20; ++round) {
    fail(one, "192.0.2.1", 7);
    fail(two, "192.0.2.1", 5);
    std::vector<Task<int>> both;
    for (Node* node : {&one, &two}) {
      both.push_back([](Watch& watch) -> Task<int> {
        co_await watch.tick();
        co_return 0;
      }(node->watch));
    }
    testing::run_together(io, std::move(both));
  }
  EXPECT_EQ(failures(), 20 * 12);
  EXPECT_EQ(alerts(true), 1);
}

TEST_F(WatchTest, TheFifthFailureBlocksHereAtOnceAndOnTheOtherNodeAfterItsTick) {
  Node one(io, database, clock);
  Node two(io, database, clock);
  tick(two);
  fail(one, "203.0.113.5", 4);
  tick(one);
  EXPECT_FALSE(one.blocks.look("203.0.113.5", true, clock.at));
  fail(one, "203.0.113.5");
  tick(one);
  tick(two);
  for (Node* node : {&one, &two}) {
    const auto wait = node->blocks.look("203.0.113.5", true, clock.at);
    ASSERT_TRUE(wait);
    EXPECT_GT(*wait, 59min);
    EXPECT_LE(*wait, 60min);
    EXPECT_FALSE(node->blocks.look("203.0.113.5", false, clock.at));
    EXPECT_FALSE(node->blocks.look("203.0.113.6", true, clock.at));
  }
  Node restarted(io, database, clock);
  tick(restarted);
  EXPECT_TRUE(restarted.blocks.look("203.0.113.5", true, clock.at));
  EXPECT_FALSE(restarted.blocks.look("203.0.113.5", true, clock.at + 1h));

  superuser.script("test.lift", "UPDATE ops.address_blocks SET lifted_at = now()");
  tick(two);
  EXPECT_EQ(two.blocks.size(), 0U);
}

TEST_F(WatchTest, FailuresOfANetworkAddUpOverNodesAndRestarts) {
  const std::string network = "203.0.113.5";
  clock.at = std::chrono::floor<std::chrono::minutes>(clock.at);
  Node one(io, database, clock);
  Node two(io, database, clock);
  fail(one, network, 3);
  fail(two, network, 1);
  fail(two, "203.0.113.6", 4);
  tick(one);
  tick(two);
  EXPECT_FALSE(two.blocks.look(network, true, clock.at));
  Node restarted(io, database, clock);  // has seen nothing itself
  fail(restarted, network, 1);
  tick(restarted);
  EXPECT_TRUE(restarted.blocks.look(network, true, clock.at));
  EXPECT_FALSE(restarted.blocks.look("203.0.113.6", true, clock.at));
  tick(restarted);
  tick(one);
  EXPECT_TRUE(one.blocks.look(network, true, clock.at));
  EXPECT_EQ(alerts(true), 1);

  superuser.script("test.lift", "UPDATE ops.address_blocks SET lifted_at = now()");
  fail(two, network, 1);
  tick(two);
  tick(two);
  EXPECT_FALSE(two.blocks.look(network, true, clock.at)) << "who is let in again starts anew";
}

TEST_F(WatchTest, FailuresOfLongAgoDoNotAddUp) {
  Node one(io, database, clock);
  Node two(io, database, clock);
  fail(one, "203.0.113.5", 4);
  tick(one);
  superuser.script("test.age",
                   "UPDATE ops.security_events SET minute = minute - interval '15 min'");
  fail(two, "203.0.113.5", 1);
  tick(two);
  EXPECT_EQ(alerts(true), 0);
  EXPECT_EQ(two.blocks.size(), 0U);
}

TEST_F(WatchTest, NodesThatFindTheSameAtOnceMakeOneBlock) {
  Node one(io, database, clock);
  Node two(io, database, clock);
  fail(one, "203.0.113.5", 5);
  fail(two, "203.0.113.5", 5);
  tick(one);
  tick(two);
  EXPECT_EQ(number({"test.blocks", "SELECT count(*) AS n FROM ops.address_blocks"}), 1);
}

TEST_F(WatchTest, ANodeHearsOfABlockWithinASecond) {
  Node node(io, database, clock);
  app::start_watch(io, node.watch);
  io.run_for(300ms);
  superuser.script("test.block",
                   "INSERT INTO ops.address_blocks (id, range, scope, reason, source, expires_at)"
                   " VALUES (gen_random_uuid(), '203.0.113.9', 'all', 'test', 'detector', now() + "
                   "interval '1 hour')");
  const auto limit = std::chrono::steady_clock::now() + 1s;
  while (node.blocks.size() == 0 && std::chrono::steady_clock::now() < limit) io.run_for(10ms);
  EXPECT_TRUE(node.blocks.look("203.0.113.9", false, clock.at));
}

TEST_F(WatchTest, NeitherOwnProxiesNorAnybodyWhenItIsOffAreBlocked) {
  WatchOptions behind;
  behind.proxies = http::TrustedProxies(std::vector<std::string>{"10.0.0.0/8"});
  Node proxied(io, database, clock, behind);
  fail(proxied, "10.1.2.3", 50);
  tick(proxied);
  EXPECT_EQ(proxied.blocks.size(), 0U);
  Node off(io, database, clock, {std::nullopt, {}});
  fail(off, "203.0.113.5", 50);
  tick(off);
  EXPECT_EQ(off.blocks.size(), 0U);
  EXPECT_EQ(alerts(true), 2);
}

TEST_F(WatchTest, AlertsCloseWhenItIsQuietAndOpenAgainAsNewOnes) {
  Node node(io, database, clock, {std::nullopt, {}});
  fail(node, "203.0.113.5", 10'000);
  tick(node);
  EXPECT_EQ(alerts(true), 1);
  superuser.script("test.age",
                   "UPDATE ops.security_alerts SET last_at = now() - interval '16 min'");
  clock.at += 16min;
  tick(node);
  EXPECT_EQ(alerts(true), 0);
  fail(node, "203.0.113.5", 5);
  tick(node);
  EXPECT_EQ(alerts(true), 1);
  EXPECT_EQ(alerts(false), 2);
}

TEST_F(WatchTest, KeepsNothingLongerThanThirtyDays) {
  superuser.script("test.old",
                   "INSERT INTO ops.security_events VALUES (now() - interval '31 days', "
                   "'csrf_failed', '192.0.2.1/32', 1), (now() - interval '29 days', 'csrf_failed', "
                   "'192.0.2.1/32', 1)");
  Node node(io, database, clock);
  tick(node);
  EXPECT_EQ(event_rows(), 1);
}

TEST_F(WatchTest, WhoeverReadsTheDecoyRowIsReportedOnceOverAllNodes) {
  superuser.script("test.plant",
                   "INSERT INTO core.service_logins VALUES (gen_random_uuid(), 'e', 'p', 'x');"
                   "INSERT INTO ops.decoy_row DEFAULT VALUES; ANALYZE core.service_logins");
  superuser.script("test.vacuum", "VACUUM core.service_logins");
  Node one(io, database, clock);
  Node two(io, database, clock);
  const auto touches = [&] {
    for (Node* node : {&one, &two, &one, &two}) tick(*node);
    return number({"test.touches",
                   "SELECT coalesce(sum(count), 0)::bigint AS n FROM ops.security_alerts"
                   " WHERE kind = 'HONEYTOKEN_TOUCHED' AND key = 'core.service_logins'"});
  };
  const auto comes_to = [&](std::int64_t count) {
    const auto limit = std::chrono::steady_clock::now() + 5s;
    while (touches() < count && std::chrono::steady_clock::now() < limit) io.run_for(10ms);
    return touches() == count;
  };
  EXPECT_EQ(touches(), 0);
  std::int64_t expected = 0;
  for (const char* role : {"application_user", "application_public", "application_worker",
                           "application_admin", "application_operator"}) {
    postgres::SyncConnection reader(database.conninfo(role));  // stays, as a pool's connections do
    EXPECT_EQ(reader.run({"test.read", "SELECT * FROM core.service_logins"}).size(), 0);
    EXPECT_TRUE(comes_to(++expected)) << role;
  }
  {
    postgres::SyncConnection thief(database.superuser_conninfo());
    thief.script("test.read", "BEGIN");
    EXPECT_EQ(thief.run({"test.dump", "SELECT * FROM core.service_logins"}).size(), 1);
    thief.script("test.hide", "ROLLBACK");
  }
  EXPECT_TRUE(comes_to(++expected)) << "a rollback does not hide it";
  superuser.script("test.crash",
                   "SELECT pg_stat_reset_single_table_counters('core.service_logins'::regclass)");
  EXPECT_TRUE(comes_to(expected)) << "numbers that are lost are no reading";
}

TEST_F(WatchTest, NobodyElseReadsOrWritesWhatItKeeps) {
  for (const char* role : {"application_user", "application_public", "application_auth"}) {
    postgres::SyncConnection other(database.conninfo(role));
    EXPECT_THROW(other.script("test.peek", "SELECT * FROM ops.security_events"), std::exception)
        << role;
    EXPECT_THROW(other.script("test.peek", "SELECT * FROM ops.address_blocks"), std::exception)
        << role;
  }
  Node node(io, database, clock);
  fail(node, "203.0.113.5", 5);
  tick(node);
  postgres::SyncConnection admin(database.conninfo("application_admin"));
  EXPECT_EQ(
      admin.run({"test.n", "SELECT count(*) AS n FROM ops.address_blocks"})[0].get<std::int64_t>(
          "n"),
      0);  // without a signed context that holds security:read
  EXPECT_THROW(admin.script("test.erase", "DELETE FROM ops.security_alerts"), std::exception);
}

}  // namespace
}  // namespace evently::security
