// Limits that several nodes count together, while Redis is there and while it hangs.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

#include "support/booking_wish.hpp"
#include "support/redis_server.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

Headers from(const std::string& address) { return {{"X-Forwarded-For", address}}; }

class LimitsWithRedis : public ::testing::Test {
 protected:
  bool redis_becomes(const std::string& condition) {
    for (const auto end = Time::now() + 15s; Time::now() < end;) {
      if (client.get("/api/v1/health/ready").text("/dependencies/redis") == condition) return true;
    }
    return false;
  }
  int guess(const std::string& address) {
    return client
        .post("/api/v1/auth/token", R"({"email":"nobody@example.org","password":"wrong horse"})",
              from(address))
        .status;
  }

  RedisServer redis;
  ServerProcess server{
      {"--redis-url", redis.url(), "--behind-proxy", "127.0.0.0/8", "--limit", "login-account=off",
       "--block-scope", "off"},  // what the detector blocks never reaches a limit
      RateLimits::AsGiven};
  HttpClient client = server.client();
};

TEST_F(LimitsWithRedis, GoOnInTheProcessAndStricterWhileRedisHangs) {
  ASSERT_TRUE(redis_becomes("up"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(guess("198.18.0.1"), 401);
  EXPECT_EQ(guess("198.18.0.1"), 429);
  EXPECT_EQ(client.get("/api/v1/events", from("198.18.0.9")).status, 200);

  // Of a thousand answers, all but ten were there after this.
  const auto nearly_all_within = [&](const std::string& networks) {
    std::vector<Time::duration> times;
    for (int i = 0; i < 1'000; ++i) {
      const auto asked = Time::now();
      const Answer answer = client.get("/api/v1/events", from(networks + std::to_string(i % 250)));
      times.push_back(Time::now() - asked);
      EXPECT_EQ(answer.status, 200) << answer.body;
    }
    std::sort(times.begin(), times.end());
    return times[990];
  };
  const auto before = nearly_all_within("198.19.6.");
  redis.freeze();
  // Fewer than one in a hundred waits for a call to end, which takes 20 ms.
  EXPECT_LT(nearly_all_within("198.19.7."), before + 20ms);
  EXPECT_TRUE(redis_becomes("degraded"));
  EXPECT_EQ(guess("198.18.0.1"), 429);  // what this node saw, it still knows
  for (int i = 0; i < 3; ++i) EXPECT_EQ(guess("198.18.0.2"), 401);
  EXPECT_EQ(guess("198.18.0.2"), 429);

  redis.thaw();
  EXPECT_TRUE(redis_becomes("up"));
  EXPECT_EQ(client.get("/api/v1/events", from("198.18.0.9")).status, 200);
}

/// Killed with calls under way, gone for a while, back and empty: nobody gets an error.
TEST_F(LimitsWithRedis, AreNoErrorForAnybodyWhileRedisIsKilledAndComesBack) {
  ASSERT_TRUE(redis_becomes("up"));
  std::atomic<bool> over{false};
  std::atomic<int> answers{0};
  std::atomic<int> granted{0};
  std::atomic<int> refused{0};
  std::vector<std::thread> crowd;
  for (int n = 0; n < 4; ++n) {
    const std::string token = register_person(client).token;
    crowd.emplace_back([&, n, token] {
      HttpClient mine = server.client();
      for (int i = 0; !over; ++i, ++answers) {
        // An address of its own each time, so that each request has something to ask of Redis. A
        // wish of somebody signed in asks the booking tier too, which no lease answers; it is not
        // well-formed, so that whoever passes the tier gets a 400.
        const std::string address = "198.19." + std::to_string(n) + "." + std::to_string(i % 250);
        if (i % 4 != 0) {
          const int status = mine.get("/api/v1/events", from(address)).status;
          EXPECT_TRUE(status == 200 || status == 429) << status;
          continue;
        }
        Headers headers = bearer(token);
        headers.emplace_back("X-Forwarded-For", address);
        const Answer answer = mine.post("/api/v1/bookings", "{}", headers);
        EXPECT_TRUE(answer.status == 400 || answer.status == 429) << answer.status;
        if (answer.status == 400) ++granted;
        if (answer.status == 429 && answer.text("/tier") == "booking") ++refused;
      }
    });
  }
  const auto many_more = [&] {
    const int now = answers;
    for (const auto end = Time::now() + 15s; answers < now + 200 && Time::now() < end;) {
      ::poll(nullptr, 0, 5);
    }
    EXPECT_GE(answers, now + 200);
  };
  for (int round = 0; round < 3; ++round) {
    many_more();
    redis.kill_hard();
    many_more();
    EXPECT_TRUE(redis_becomes("degraded"));
    redis.restart();
    EXPECT_TRUE(redis_becomes("up"));
  }
  over = true;
  for (std::thread& one : crowd) one.join();
  EXPECT_GE(granted, 4) << "the booking tier was asked, by each";
  EXPECT_GE(refused, 100) << "and again and again while Redis came and went";
}

/// What the global tier grants is leased for many requests at once: a sixteenth of its burst, the
/// next one when half of that is spent.
TEST(GlobalTier, CostsTheHotPathNoRoundTripARequest) {
  RedisServer redis;
  ServerProcess server(
      {"--redis-url", redis.url(), "--behind-proxy", "127.0.0.0/8", "--limit", "read=off"},
      RateLimits::AsGiven);
  HttpClient client = server.client();
  const auto is_shared = [&] {
    return client.get("/api/v1/health/ready").text("/dependencies/redis") == "up";
  };
  for (const auto end = Time::now() + 15s; !is_shared() && Time::now() < end;) {
    ::poll(nullptr, 0, 20);
  }
  ASSERT_TRUE(is_shared());
  const std::int64_t before = redis.calls("eval");
  int answers = 0;
  for (int i = 0; i < 40; ++i) {
    for (int network = 0; network < 50; ++network, ++answers) {
      const std::string address = "198.19.200." + std::to_string(network);
      ASSERT_EQ(client.get("/api/v1/events", from(address)).status, 200);
    }
  }
  const std::int64_t calls = redis.calls("eval") - before;
  EXPECT_GE(calls, 50);
  EXPECT_LE(calls, answers / 10);
  RecordProperty("calls", std::to_string(calls));
}

TEST_F(LimitsWithRedis, ReplaysCostNoBookingOnAnyNode) {
  ASSERT_TRUE(redis_becomes("up"));
  const BookingWish wish = make_booking_wish(server);
  for (int i = 0; i < 8; ++i) ASSERT_EQ(wish.repeat(client).status, 201) << i;
  // What was given back may still be on its way to Redis; the fifth place is free when it is
  // there.
  for (int i = 0; i < 3; ++i) ASSERT_EQ(wish.book(client).status, 201) << i;
  const auto limit = Time::now() + 20s;
  Answer last;
  do {
    last = wish.book(client);
  } while (last.status == 429 && Time::now() < limit);
  EXPECT_EQ(last.status, 201);
  EXPECT_EQ(wish.book(client).status, 429);
}

}  // namespace
}  // namespace evently::testing
