#include <gtest/gtest.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <thread>

#include "app/rate_limits/rate_gate.hpp"
#include "platform/redis/redis_store.hpp"
#include "support/redis_server.hpp"

namespace evently::redis {
namespace {

using limits::kSecond;
using limits::Micros;
using limits::Tier;
using limits::Uses;
using limits::Verdict;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

limits::TierSettings settings(const std::vector<std::string>& lines) {
  std::vector<std::string> faults;
  return limits::read_limits(lines, faults);
}

/// What one node has of the limits, on a loop that the test runs.
struct Node {
  Node(const testing::RedisServer& redis, const std::vector<std::string>& lines,
       const std::string& password = "", int database = 0)
      : limits(settings(lines), kSecret),
        store(io, {"127.0.0.1", redis.port(), password, database}, limits) {
    store.start();
  }

  template <class Condition>
  bool run_until(Condition condition, Time::duration limit = 10s) {
    const auto end = Time::now() + limit;
    io.restart();
    while (!condition() && Time::now() < end) io.run_one_for(20ms);
    return condition();
  }
  bool connect() {
    return run_until([&] { return store.is_up(); });
  }
  std::optional<Verdict> spend(const Uses& uses, std::int64_t cost = 1) {
    std::optional<std::optional<Verdict>> answer;
    boost::asio::co_spawn(io, store.spend(uses, cost),
                          [&](std::exception_ptr, std::optional<Verdict> got) { answer = got; });
    run_until([&] { return answer.has_value(); });
    return answer.value_or(std::nullopt);
  }
  Uses booking(const std::string& who = "ada") {
    Uses uses;
    limits.use(uses, Tier::Booking, who);
    return uses;
  }

  boost::asio::io_context io{1};
  limits::LimitSet limits;
  RedisStore store;
  observability::Metrics metrics;
  observability::NullSecuritySink security;
  app::OpenTries open_tries;
  app::RateGate gate{io, {limits, open_tries, metrics, security, &store}};
};

/// Asks without a pause until `end`; notes when a grant was made, by the store's clock.
Task<void> hammer(Node& node, Uses uses, Time::time_point end, std::vector<Micros>& grants) {
  while (Time::now() < end) {
    const auto verdict = co_await node.store.spend(uses, 1);
    if (verdict && verdict->granted) grants.push_back(verdict->granted_at[0]);
  }
}

std::int64_t most_in_a_window(std::vector<Micros> grants, Micros window) {
  std::sort(grants.begin(), grants.end());
  std::int64_t most = 0;
  for (auto from = grants.begin(); from != grants.end(); ++from) {
    most =
        std::max<std::int64_t>(most, std::lower_bound(from, grants.end(), *from + window) - from);
  }
  return most;
}

TEST(RedisStore, TwoNodesTogetherGrantFiveInEveryWindow) {
  const testing::RedisServer redis;
  std::array<std::vector<Micros>, 2> grants;
  std::vector<std::thread> nodes;
  for (auto& mine : grants) {
    nodes.emplace_back([&redis, &mine] {
      Node node(redis, {"booking=5/1"});
      ASSERT_TRUE(node.connect());
      const auto end = Time::now() + 6s;
      for (int i = 0; i < 4; ++i) {
        boost::asio::co_spawn(node.io, hammer(node, node.booking(), end, mine),
                              boost::asio::detached);
      }
      node.run_until([&] { return Time::now() > end + 100ms; });
    });
  }
  for (std::thread& node : nodes) node.join();
  std::vector<Micros> all = grants[0];
  all.insert(all.end(), grants[1].begin(), grants[1].end());
  EXPECT_EQ(most_in_a_window(all, kSecond), 5);
  EXPECT_GE(all.size(), 20U);
  EXPECT_FALSE(grants[0].empty() && grants[1].empty());
}

TEST(RedisStore, ARefusalSpendsNothingAndWaitingIsEnough) {
  const testing::RedisServer redis;
  Node node(redis, {"booking=2/1", "register=100/60"});
  ASSERT_TRUE(node.connect());
  Uses both = node.booking();
  node.limits.use_net(both, Tier::Register, limits::network_of("2001:db8::1"));
  node.spend(both);
  const auto last = node.spend(both);
  ASSERT_TRUE(last && last->granted);
  std::optional<Verdict> refused;
  for (int i = 0; i < 5; ++i) {
    refused = node.spend(both);
    ASSERT_TRUE(refused && !refused->granted);
    EXPECT_EQ(refused->refused_by, 0U);
    EXPECT_EQ(refused->standings[1].remaining, last->standings[1].remaining);
    EXPECT_EQ(refused->standings[0].remaining, 0);
  }
  const auto end = Time::now() + std::chrono::microseconds(refused->wait);
  node.run_until([&] { return Time::now() > end; });
  EXPECT_TRUE(node.spend(both)->granted);
}

TEST(RedisStore, WhatIsGivenBackNeverWas) {
  const testing::RedisServer redis;
  Node node(redis, {"auth=1/600"});
  ASSERT_TRUE(node.connect());
  Uses uses;
  node.limits.use_net(uses, Tier::Auth, limits::network_of("2001:db8::1"));
  for (int i = 0; i < 20; ++i) {  // the site's ceiling, too, would be spent after eight
    const auto granted = node.spend(uses);
    ASSERT_TRUE(granted && granted->granted) << i;
    node.store.give_back(uses, *granted);
  }
  EXPECT_TRUE(node.spend(uses)->granted);
  EXPECT_FALSE(node.spend(uses)->granted);
}

TEST(RedisStore, ForgetsWhatIsCleared) {
  const testing::RedisServer redis;
  Node node(redis, {});
  ASSERT_TRUE(node.connect());
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(node.spend(node.booking())->granted);
  EXPECT_FALSE(node.spend(node.booking())->granted);
  node.store.clear(node.booking());
  EXPECT_TRUE(node.spend(node.booking())->granted);
}

TEST(RedisStore, EveryKeyExpiresByItself) {
  const testing::RedisServer redis;
  {
    Node node(redis, {});
    ASSERT_TRUE(node.connect());
    Uses uses = node.booking();
    node.limits.use_net(uses, Tier::Global, limits::network_of("2001:db8::1"));
    for (int i = 0; i < 50; ++i) {
      boost::asio::co_spawn(node.io, node.store.spend(uses, 1),
                            [](std::exception_ptr, std::optional<Verdict>) {});
    }
    node.io.poll();
  }  // gone with its calls under way
  boost::asio::io_context io;
  Connection connection(io, {"127.0.0.1", redis.port(), "", 0});
  connection.start();
  const auto ask = [&](Connection::Command command) {
    std::optional<Reply> answer;
    bool done = false;
    boost::asio::co_spawn(io, connection.call(std::move(command)),
                          [&](std::exception_ptr, std::optional<Reply> got) {
                            answer = std::move(got);
                            done = true;
                          });
    while (!done) io.run_one_for(20ms);
    return answer;
  };
  while (!connection.is_up()) io.run_one_for(20ms);
  const auto keys = ask({"KEYS", "*"});
  ASSERT_TRUE(keys && !keys->list.empty());
  for (const Reply& key : keys->list) {
    EXPECT_GT(ask({"PTTL", key.text})->number, 0) << key.text;
    EXPECT_EQ(key.text.find("2001"), std::string::npos);
    EXPECT_NE(key.text.find("{limits}"), std::string::npos);
  }
}

TEST(RedisStore, AFrozenRedisCostsOneCallsTimeAndComesBack) {
  testing::RedisServer redis;
  Node node(redis, {});
  ASSERT_TRUE(node.connect());
  redis.freeze();
  const auto began = Time::now();
  EXPECT_FALSE(node.spend(node.booking()));
  EXPECT_LT(Time::now() - began, 2s);  // 20 ms on a quiet machine
  EXPECT_FALSE(node.store.is_up());
  const auto then = Time::now();
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(node.spend(node.booking()));
  EXPECT_LT(Time::now() - then, 1s);  // asked nobody: 100 calls that wait take 2 s
  redis.thaw();
  ASSERT_TRUE(node.connect());
  EXPECT_TRUE(node.spend(node.booking())->granted);
}

TEST(RedisStore, SignsInAndChoosesItsDatabase) {
  const testing::RedisServer redis("open sesame");
  Node node(redis, {}, "open sesame", 3);
  ASSERT_TRUE(node.connect());
  EXPECT_TRUE(node.spend(node.booking())->granted);
  Node stranger(redis, {}, "wrong");
  EXPECT_FALSE(stranger.run_until([&] { return stranger.store.is_up(); }, 500ms));
}

struct Grant {
  Time::time_point asked;
  Time::time_point at;
};

/// Requests of one network through a node's gate, as the router asks.
Task<void> knock(Node& node, Time::time_point end, std::vector<Grant>& grants) {
  http::Request request;
  request.client_address = "192.0.2.1";
  boost::asio::steady_timer breath(node.io);
  while (Time::now() < end) {
    const auto asked = Time::now();
    auto verdict = node.gate.decide_now(request, "read");
    if (!verdict) verdict = co_await node.gate.decide(request, "read");
    if (!verdict->refusal) grants.push_back({asked, Time::now()});
    breath.expires_after(1ms);
    co_await breath.async_wait(boost::asio::use_awaitable);
  }
}

TEST(Leases, TwoNodesStayWithinTheLimitWithoutAskingForEachRequest) {
  const testing::RedisServer redis;
  std::array<std::vector<Grant>, 2> grants;
  std::vector<std::thread> nodes;
  for (std::size_t n = 0; n < 2; ++n) {
    nodes.emplace_back([&, n] {
      Node node(redis, {"read=1260/2", "global=off"});
      ASSERT_TRUE(node.connect());
      const auto end = Time::now() + 5s;
      for (int i = 0; i < 2; ++i) {
        boost::asio::co_spawn(node.io, knock(node, end, grants[n]), boost::asio::detached);
      }
      node.run_until([&] { return Time::now() > end + 100ms; });
      EXPECT_TRUE(node.store.is_up());
    });
  }
  for (std::thread& node : nodes) node.join();
  std::vector<Grant> all = grants[0];
  all.insert(all.end(), grants[1].begin(), grants[1].end());
  std::sort(all.begin(), all.end(),
            [](const Grant& a, const Grant& b) { return a.asked < b.asked; });
  ASSERT_GT(all.size(), 1'260U);
  for (std::size_t i = 0; i + 1'260 < all.size(); ++i) {
    Time::time_point last{};
    for (std::size_t j = i; j <= i + 1'260; ++j) last = std::max(last, all[j].at);
    ASSERT_GE(last - all[i].asked, 2s);
  }
  EXPECT_GT(grants[0].size(), 200U);
  EXPECT_GT(grants[1].size(), 200U);
}

}  // namespace
}  // namespace evently::redis
