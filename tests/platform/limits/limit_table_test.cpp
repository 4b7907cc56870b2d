#include "platform/limits/limit_table.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "platform/limits/limit_set.hpp"
#include "support/sanitized.hpp"

namespace evently::limits {
namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  statm >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

Network client(std::uint64_t i) {
  return {std::string(reinterpret_cast<const char*>(&i), 8),
          std::string(reinterpret_cast<const char*>(&i), 6)};
}

Uses everything_of(const LimitSet& limits, const Network& network) {
  Uses uses;
  limits.use_net(uses, Tier::Global, network);
  limits.use_net(uses, Tier::Register, network);
  limits.use_net(uses, Tier::Auth, network);
  limits.use(uses, Tier::Booking, network.net);
  return uses;
}

TEST(LimitTable, IsBoundedAndKeepsWhoIsRefusedWhileFiveMillionOthersPass) {
  TierSettings settings = default_limits();
  LimitSet limits(settings, kSecret);
  EXPECT_LE(limits.bytes(), 64U << 20);

  const std::size_t before = resident_bytes();
  const Uses limited = everything_of(limits, client(0));
  while (limits.spend(limited).granted) continue;
  Uses others;
  limits.use(others, Tier::Global, "12345678");
  limits.use(others, Tier::Booking, "12345678");
  for (std::uint64_t i = 1; i <= 5'000'000; ++i) {
    if (i == 1'000'000) others.pop_back();
    for (Use& use : others) use.subject.assign(reinterpret_cast<const char*>(&i), 8);
    ASSERT_TRUE(limits.spend(others).granted);
  }
  EXPECT_FALSE(limits.spend(limited).granted);
  if (!testing::kIsSanitized) EXPECT_LE(resident_bytes() - before, 64U << 20);
}

TEST(LimitTable, ANewcomerAmongRefusedKeysSharesTheirFate) {
  LimitTable table(ring_policy("booking", 1, kSecond), 512);
  const Micros now = 5 * kSecond;
  const auto at_once = [&](std::uint64_t hash, Micros when) {
    const Charge charge{&table, hash};
    return spend_all({&charge, 1}, when).granted;
  };
  for (std::uint64_t i = 1; i <= 8; ++i) {  // all of one bucket
    EXPECT_TRUE(at_once(i * 64, now + static_cast<Micros>(i)));
  }
  EXPECT_FALSE(at_once(9 * 64, now + 9));
  for (std::uint64_t i = 1; i <= 8; ++i) EXPECT_FALSE(at_once(i * 64, now + 10));
  EXPECT_TRUE(at_once(9 * 64, now + 1 + kSecond));  // the first place is free again
}

TEST(LimitSet, ARefusedRequestSpendsNothingAnywhere) {
  std::vector<std::string> faults;
  LimitSet limits(read_limits({"booking=2/60"}, faults), kSecret);
  const Uses both = [&] {
    Uses uses;
    limits.use_net(uses, Tier::Global, client(1));
    limits.use(uses, Tier::Booking, "ada");
    return uses;
  }();
  limits.spend(both);
  const auto second = limits.spend(both);
  ASSERT_TRUE(second.granted);
  for (int i = 0; i < 5; ++i) {
    const auto refused = limits.spend(both);
    EXPECT_FALSE(refused.granted);
    EXPECT_EQ(both[refused.refused_by].tier, Tier::Booking);
    EXPECT_EQ(refused.standings[0].remaining, second.standings[0].remaining);
  }
}

TEST(LimitSet, ClientsInOneSiteMeetItsCeiling) {
  std::vector<std::string> faults;
  LimitSet limits(read_limits({"register=2/600"}, faults), kSecret);
  int granted = 0;
  for (int i = 0; i < 64; ++i) {
    const std::string net = "2001:db8:1:" + std::to_string(i) + "::1";
    Uses uses;
    limits.use_net(uses, Tier::Register, network_of(net));
    granted += limits.spend(uses).granted ? 1 : 0;
  }
  EXPECT_EQ(granted, 8);  // half of 8 x 2 at once, one each in 64 networks
}

TEST(LimitSet, CountsExactlyBetweenThreads) {
  std::vector<std::string> faults;
  LimitSet limits(read_limits({"booking=50/600"}, faults), kSecret);
  std::atomic<int> granted{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      Uses uses;
      limits.use_net(uses, Tier::Global, client(1));
      limits.use(uses, Tier::Booking, "ada");
      for (int i = 0; i < 500; ++i) granted += limits.spend(uses).granted ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(granted, 50);
  Uses global;
  limits.use_net(global, Tier::Global, client(1));
  EXPECT_NEAR(static_cast<double>(limits.look(global).standings[0].remaining), 950, 20);
}

TEST(LimitSet, WhatIsOffIsNotAsked) {
  std::vector<std::string> faults;
  const LimitSet limits(read_limits({"global=off", "booking=off"}, faults), kSecret);
  EXPECT_TRUE(faults.empty());
  Uses uses;
  limits.use_net(uses, Tier::Global, client(1));
  limits.use(uses, Tier::Booking, "ada");
  EXPECT_TRUE(uses.empty());
}

}  // namespace
}  // namespace evently::limits
