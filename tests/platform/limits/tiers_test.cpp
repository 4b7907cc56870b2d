#include "platform/limits/tiers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "platform/limits/network.hpp"
#include "platform/limits/rate_headers.hpp"

namespace evently::limits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

std::string page() {
  std::ifstream in(std::string(EVENTLY_SOURCE_DIR) + "/docs/limits.md");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

TEST(Tiers, StandInThePageWithTheirDefaults) {
  const std::string text = page();
  for (const TierRule& rule : kTiers) {
    const std::string algorithm = rule.algorithm == Algorithm::Ring ? "exact" : "steady";
    const std::string limit =
        "`" + std::to_string(rule.quota) + "/" + std::to_string(rule.seconds) + "`";
    EXPECT_THAT(text,
                HasSubstr("| `" + std::string(rule.name) + "` | " +
                          (rule.is_optional ? "off; " : "") + limit + " | " + algorithm + " |"));
    EXPECT_EQ(rule_of(rule.tier).name, rule.name);
    if (rule.algorithm == Algorithm::Ring) EXPECT_LE(rule.quota, kMaxRingQuota);
  }
}

TEST(Tiers, HaveTheDefaultsOfTheOriginal) {
  const TierSettings defaults = default_limits();
  const auto of = [&](Tier tier) { return defaults[static_cast<std::size_t>(tier)]; };
  EXPECT_EQ(of(Tier::Global).quota, 10'000);
  EXPECT_EQ(of(Tier::Global).seconds, 900);
  EXPECT_EQ(of(Tier::Booking).quota, 5);
  EXPECT_EQ(of(Tier::Booking).seconds, 60);
  EXPECT_EQ(of(Tier::Auth).quota, 5);
  EXPECT_EQ(of(Tier::Auth).seconds, 900);
  const Policy global = policy_of(Tier::Global, of(Tier::Global));
  EXPECT_EQ(global.burst, 1'000);
  EXPECT_EQ(global.interval, kSecond / 10);
  const Policy read = policy_of(Tier::Read, of(Tier::Read));
  EXPECT_EQ(read.burst, 60);
  EXPECT_EQ(read.interval, kSecond / 20);
}

TEST(Tiers, AreSetByLines) {
  std::vector<std::string> faults;
  const auto settings = read_limits({"booking=7/30", "read=off", "booking=8/40"}, faults);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(settings[static_cast<std::size_t>(Tier::Booking)].quota, 8);
  EXPECT_EQ(settings[static_cast<std::size_t>(Tier::Booking)].seconds, 40);
  EXPECT_FALSE(settings[static_cast<std::size_t>(Tier::Read)].is_on);
}

TEST(Tiers, EveryWrongLineIsAFault) {
  const std::vector<std::string> wrong{
      "booking",       "booking=",        "booking=5",       "booking=5/",
      "booking=/60",   "booking=0/60",    "booking=5/0",     "booking=-1/5",
      "booking=5/60s", "booking=65/60",   "booking= 5/60",   "nothing=5/60",
      "=5/60",         "booking=5/60/60", "global=1/604801", "global=1000000001/1",
      "booking=on"};
  std::vector<std::string> faults;
  read_limits(wrong, faults);
  ASSERT_EQ(faults.size(), wrong.size());
  for (std::size_t i = 0; i < wrong.size(); ++i) EXPECT_THAT(faults[i], HasSubstr(wrong[i]));
}

TEST(Networks, AreIpv4AddressesAndIpv6Nets) {
  EXPECT_EQ(network_of("192.0.2.7").net, std::string("\xc0\x00\x02\x07", 4));
  EXPECT_EQ(network_of("::ffff:192.0.2.7").net, network_of("192.0.2.7").net);
  EXPECT_NE(network_of("192.0.2.8").net, network_of("192.0.2.7").net);
  EXPECT_TRUE(network_of("192.0.2.7").site.empty());
  EXPECT_EQ(network_of("2001:db8:1:2::1").net, network_of("2001:db8:1:2:ffff::9").net);
  EXPECT_NE(network_of("2001:db8:1:2::1").net, network_of("2001:db8:1:3::1").net);
  EXPECT_EQ(network_of("2001:db8:1:2::1").site, network_of("2001:db8:1:3::1").site);
  EXPECT_EQ(network_of("no address").net, "no address");
  EXPECT_EQ(network_of(std::string(500, 'x')).net, std::string(500, 'x'));
}

TEST(RateHeaders, AreThoseOfTheDraftAndTheOlderOnes) {
  const Policy global = gcra_policy("global", 10'000, 900 * kSecond, 10);
  const Policy booking = ring_policy("booking", 5, 60 * kSecond);
  const std::array<RateLine, 2> lines{
      {{&global, {0, 900, 1}}, {&booking, {0, 4, 59 * kSecond + 1}}}};
  HeaderLines headers;
  add_rate_headers(headers, lines);
  EXPECT_THAT(headers,
              ElementsAre(Pair("RateLimit-Policy", R"("global";q=10000;w=900, "booking";q=5;w=60)"),
                          Pair("RateLimit", R"("global";r=900;t=1, "booking";r=4;t=60)"),
                          Pair("RateLimit-Limit", "5"), Pair("RateLimit-Remaining", "4"),
                          Pair("RateLimit-Reset", "60")));
  HeaderLines none;
  add_rate_headers(none, {});
  EXPECT_TRUE(none.empty());
}

TEST(RetryAfter, IsNeverTooShortAndAtMostATenthTooLong) {
  EXPECT_EQ(retry_after(1, 0), 1);
  EXPECT_EQ(retry_after(kSecond, 0), 1);
  EXPECT_EQ(retry_after(kSecond + 1, 0), 2);
  EXPECT_EQ(retry_after(100 * kSecond, 0), 100);
  EXPECT_EQ(retry_after(100 * kSecond, 1), 110);
  for (int i = 0; i <= 10; ++i) EXPECT_GE(retry_after(37 * kSecond - 1, i / 10.0), 37);
}

}  // namespace
}  // namespace evently::limits
