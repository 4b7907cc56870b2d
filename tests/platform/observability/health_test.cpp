#include "platform/observability/health.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace evently::observability {
namespace {

class FakeClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(std::chrono::seconds(seconds.load())); }
  std::atomic<int> seconds{100};
};

TEST(Health, StartsDownUntilSomebodySaysOtherwise) {
  const FakeClock clock;
  Health health(clock);
  Dependency& postgres = health.dependency("postgres", true);
  EXPECT_FALSE(health.is_ready());
  postgres.set(Condition::Up);
  EXPECT_TRUE(health.is_ready());
  EXPECT_EQ(health.overall(), Condition::Up);
}

TEST(Health, IsDegradedWithoutWhatItCanMiss) {
  const FakeClock clock;
  Health health(clock);
  health.dependency("postgres", true).set(Condition::Up);
  Dependency& snapshot = health.dependency("snapshot", false);
  EXPECT_EQ(health.overall(), Condition::Degraded);
  EXPECT_TRUE(health.is_ready());
  snapshot.set(Condition::Up);
  EXPECT_EQ(health.overall(), Condition::Up);
}

TEST(Health, IsDegradedWithADegradedNeed) {
  const FakeClock clock;
  Health health(clock);
  health.dependency("postgres", true).set(Condition::Degraded);
  EXPECT_EQ(health.overall(), Condition::Degraded);
  EXPECT_TRUE(health.is_ready());
}

TEST(Health, RemembersWhenAConditionChanged) {
  FakeClock clock;
  Health health(clock);
  Dependency& postgres = health.dependency("postgres", true);
  clock.seconds = 200;
  postgres.set(Condition::Up);
  clock.seconds = 300;
  postgres.set(Condition::Up);
  const auto states = health.states();
  ASSERT_EQ(states.size(), 1U);
  EXPECT_EQ(states[0].name, "postgres");
  EXPECT_EQ(states[0].condition, Condition::Up);
  EXPECT_EQ(states[0].since, TimePoint(std::chrono::seconds(200)));
}

TEST(Health, GivesTheSameDependencyForAName) {
  const FakeClock clock;
  Health health(clock);
  Dependency& first = health.dependency("postgres", true);
  for (int i = 0; i < 100; ++i) health.dependency("d" + std::to_string(i), false);
  EXPECT_EQ(&health.dependency("postgres", true), &first);
}

TEST(Health, CanBeSetAndReadByManyThreads) {
  const FakeClock clock;
  Health health(clock);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 1'000; ++i) {
        health.dependency("d" + std::to_string(i % 5), false)
            .set(t % 2 == 0 ? Condition::Up : Condition::Down);
        health.overall();
        health.states();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(health.states().size(), 5U);
}

}  // namespace
}  // namespace evently::observability
