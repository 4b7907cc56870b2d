// Requirements E8 and J1: two nodes on one database see an attack as one, and a block of one node
// counts on the other within a second.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "support/two_nodes.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr char kBlocks[] = "/api/v1/security/blocks";

/// The test is a trusted proxy, so that it may be anybody. Rate limits are off: what refuses is the
/// block.
class TwoNodesTest : public ::testing::Test {
 protected:
  static std::vector<std::string> arguments() {
    std::vector<std::string> all{"--behind-proxy", "127.0.0.0/8"};
    for (const char* tier : {"auth", "login-pair", "login-account", "read", "global", "register"}) {
      all.insert(all.end(), {"--limit", std::string(tier) + "=off"});
    }
    return all;
  }
  static int sign_in(HttpClient& client, const std::string& address) {
    return client
        .post("/api/v1/auth/token", R"({"email":"x@example.org","password":"wrong"})",
              {{"X-Forwarded-For", address}})
        .status;
  }
  /// Asked where a question is no failed sign-in.
  static bool is_kept_out(HttpClient& client, const std::string& address) {
    return client.post("/api/v1/auth/register", "{}", {{"X-Forwarded-For", address}}).status == 403;
  }
  static int look(HttpClient& client, const std::string& address) {
    return client.get("/api/v1/events", {{"X-Forwarded-For", address}}).status;
  }
  /// How long until `holds`; ten seconds at most.
  template <class Condition>
  static std::chrono::milliseconds time_until(Condition holds) {
    const auto begun = Time::now();
    while (!holds() && Time::now() < begun + 10s) ::poll(nullptr, 0, 5);
    return std::chrono::duration_cast<std::chrono::milliseconds>(Time::now() - begun);
  }

  TwoNodes nodes_{arguments()};
  Person admin_ = make_administrator(*nodes_.first);
  HttpClient first_ = nodes_.first->client();
  HttpClient second_ = nodes_.second->client();
};

TEST_F(TwoNodesTest, ABlockOfOneCountsOnTheOtherWithinASecondAndSoDoesItsEnd) {
  std::chrono::milliseconds blocked{10'000};
  std::chrono::milliseconds lifted{10'000};
  // Three rounds: the machine may be busy with something else in one.
  for (int round = 0; round < 3 && (blocked >= 1s || lifted >= 1s); ++round) {
    const std::string address = "203.0.113." + std::to_string(40 + round);
    ASSERT_EQ(look(second_, address), 200);
    const Answer made = first_.post(
        kBlocks,
        R"({"address":")" + address + R"(","reason":"scraper","expires_in":600,"scope":"all"})",
        bearer(admin_.token));
    ASSERT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(look(first_, address), 403) << "at once where it was made";
    blocked = time_until([&] { return look(second_, address) == 403; });
    const Answer gone = second_.send("DELETE", std::string(kBlocks) + "/" + made.text("/id"), "",
                                     bearer(admin_.token));
    ASSERT_EQ(gone.status, 204) << gone.body;
    EXPECT_EQ(look(second_, address), 200);
    lifted = time_until([&] { return look(first_, address) == 200; });
  }
  EXPECT_LT(blocked, 1s);
  EXPECT_LT(lifted, 1s);
}

TEST_F(TwoNodesTest, FailuresOnBothAddUpToABlockOnBothThatOutlivesThem) {
  const std::string attacker = "198.51.100.20";
  const std::string neighbour = "198.51.100.21";
  for (HttpClient* node : {&first_, &second_, &first_, &second_}) {
    EXPECT_EQ(sign_in(*node, attacker), 401);
    EXPECT_EQ(sign_in(*node, neighbour), 401);
  }
  EXPECT_EQ(sign_in(second_, attacker), 401);  // the fifth; neither node has seen more than three
  EXPECT_LT(time_until([&] { return is_kept_out(first_, attacker); }), 10s);
  EXPECT_LT(time_until([&] { return is_kept_out(second_, attacker); }), 10s);
  EXPECT_EQ(sign_in(first_, attacker), 403);
  EXPECT_EQ(look(first_, attacker), 200);
  EXPECT_FALSE(is_kept_out(first_, neighbour));
  EXPECT_LT(time_until([&] {
              const Answer list =
                  second_.get("/api/v1/security/alerts?state=open&limit=100", bearer(admin_.token));
              return list.body.find("\"" + attacker + "/32\"") != std::string::npos;
            }),
            10s);

  nodes_.first->kill_hard();
  EXPECT_EQ(nodes_.second->stop(), 0);
  nodes_.first->start();
  nodes_.second->start();
  first_ = nodes_.first->client();
  second_ = nodes_.second->client();
  EXPECT_LT(time_until([&] { return is_kept_out(first_, attacker); }), 10s);
  EXPECT_LT(time_until([&] { return is_kept_out(second_, attacker); }), 10s);
  EXPECT_EQ(sign_in(first_, neighbour), 401);
  // Restarted, the nodes remember the neighbour's failures: that was the fifth.
  EXPECT_LT(time_until([&] { return is_kept_out(second_, neighbour); }), 10s);
}

}  // namespace
}  // namespace evently::testing
