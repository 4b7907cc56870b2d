#include "platform/limits/policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <vector>

namespace evently::limits {
namespace {

/// A key under one policy, asked at chosen moments.
struct Key {
  explicit Key(Policy what) : policy(std::move(what)) {}
  bool ask(Micros now) {
    if (look(policy, state.data(), now).wait > 0) return false;
    spend(policy, state.data(), now);
    return true;
  }
  Standing standing(Micros now) const { return look(policy, state.data(), now); }

  Policy policy;
  std::array<Micros, kMaxRingQuota> state{};
};

/// The most grants that any window of `window`, wherever it begins, holds.
std::int64_t most_in_a_window(const std::vector<Micros>& grants, Micros window) {
  std::int64_t most = 0;
  for (auto from = grants.begin(); from != grants.end(); ++from) {
    const auto to = std::lower_bound(from, grants.end(), *from + window);
    most = std::max<std::int64_t>(most, to - from);
  }
  return most;
}

std::vector<Micros> hammer(Key& key, unsigned seed, Micros until) {
  std::mt19937 random(seed);
  std::vector<Micros> grants;
  for (Micros now = 1'000'000; now < until;) {
    // Bursts and pauses: a client who tries at the worst moments.
    now += random() % 8 == 0 ? random() % 900'000 : random() % 3'000;
    if (key.ask(now)) grants.push_back(now);
  }
  return grants;
}

TEST(Ring, NoWindowEverHoldsMoreThanTheQuota) {
  for (unsigned seed = 0; seed < 20; ++seed) {
    Key key(ring_policy("booking", 5, 2 * kSecond));
    const auto grants = hammer(key, seed, 120 * kSecond);
    EXPECT_EQ(most_in_a_window(grants, 2 * kSecond), 5);
  }
}

TEST(Gcra, NoWindowHoldsMoreThanThePublishedQuota) {
  for (const auto& [quota, share] : {std::pair{10, 10}, {100, 3}, {7, 2}, {2, 1}, {1, 1}}) {
    for (unsigned seed = 0; seed < 10; ++seed) {
      Key key(gcra_policy("read", quota, 2 * kSecond, share));
      const auto grants = hammer(key, seed, 120 * kSecond);
      EXPECT_LE(most_in_a_window(grants, 2 * kSecond), quota);
      EXPECT_GE(static_cast<std::int64_t>(grants.size()), quota * 15);  // and most of it is usable
    }
  }
}

TEST(Gcra, UsesOlderThanTheirGrantKeepTheQuotaWhenThePolicyKnows) {
  Key key(gcra_policy("global", 100, 2 * kSecond, 10, kSecond / 2));
  const auto grants = hammer(key, 7, 60 * kSecond);
  EXPECT_LE(most_in_a_window(grants, 2 * kSecond + kSecond / 2), 100);
}

TEST(Policies, WaitingAsToldAlwaysSucceeds) {
  for (const Policy& policy :
       {ring_policy("booking", 5, 2 * kSecond), gcra_policy("read", 20, 2 * kSecond, 4)}) {
    Key key(policy);
    std::mt19937 random(3);
    Micros now = kSecond;
    for (int round = 0; round < 2'000; ++round) {
      now += random() % 100'000;
      const Micros wait = key.standing(now).wait;
      if (wait > 0) {
        EXPECT_FALSE(key.ask(now + wait - 1));  // and not a microsecond too long
        now += wait;
      }
      EXPECT_TRUE(key.ask(now));
    }
  }
}

TEST(Policies, RemainingIsWhatIsGrantedAtOnceAndNeverGrowsWithoutTime) {
  for (const Policy& policy :
       {ring_policy("booking", 5, kSecond), gcra_policy("read", 20, kSecond, 2)}) {
    Key key(policy);
    std::int64_t expected = key.standing(kSecond).remaining;
    EXPECT_GT(expected, 0);
    while (expected > 0) {
      EXPECT_TRUE(key.ask(kSecond));
      EXPECT_EQ(key.standing(kSecond).remaining, --expected);
    }
    EXPECT_FALSE(key.ask(kSecond));
    EXPECT_EQ(key.standing(kSecond).remaining, 0);
    EXPECT_EQ(key.standing(kSecond + key.standing(kSecond).full_after).remaining, policy.burst);
  }
}

TEST(Policies, WhatIsGivenBackNeverWas) {
  for (const Policy& policy :
       {ring_policy("auth", 5, kSecond), gcra_policy("read", 10, kSecond, 2)}) {
    Key key(policy);
    key.ask(kSecond);
    const auto before = key.state;
    const Micros granted = spend(policy, key.state.data(), kSecond + 10);
    key.ask(kSecond + 20);
    give_back(policy, key.state.data(), granted, kSecond + 30);
    give_back(policy, key.state.data(), kSecond + 20, kSecond + 30);
    EXPECT_EQ(key.state, before);
  }
}

TEST(Policies, AClockThatStepsBackCostsAtMostOneBucketOrWindow) {
  Key ring(ring_policy("booking", 5, kSecond));
  Key gcra(gcra_policy("read", 10, kSecond, 2));
  for (int i = 0; i < 20; ++i) {
    ring.ask(1'000 * kSecond);
    gcra.ask(1'000 * kSecond);
  }
  EXPECT_LE(gcra.standing(kSecond).wait, gcra.policy.interval);
}

TEST(Ring, LooksWithALowerQuotaWhenAsked) {
  Key key(ring_policy("auth", 5, kSecond));
  for (int i = 0; i < 3; ++i) key.ask(kSecond + i);
  EXPECT_EQ(look(key.policy, key.state.data(), kSecond + 3, 3).wait, kSecond - 3);
  EXPECT_EQ(look(key.policy, key.state.data(), kSecond + 3).wait, 0);
}

}  // namespace
}  // namespace evently::limits
