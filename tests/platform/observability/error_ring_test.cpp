#include "platform/observability/error_ring.hpp"

#include <gtest/gtest.h>

#include <thread>

namespace evently::observability {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Time = std::chrono::steady_clock::time_point;

constexpr Time kStart{seconds(1'000)};

ErrorRecord record_of(std::string fingerprint) {
  ErrorRecord record;
  record.fingerprint = std::move(fingerprint);
  return record;
}

int accepted(ErrorRing& ring, const std::string& fingerprint, int count, Time now) {
  int taken = 0;
  for (int i = 0; i < count; ++i) taken += ring.accept(record_of(fingerprint), now) ? 1 : 0;
  return taken;
}

TEST(ErrorRing, TakesTenOfOneFingerprintInASecond) {
  ErrorRing ring;
  EXPECT_EQ(accepted(ring, "a", 1'000, kStart), 10);
  EXPECT_EQ(accepted(ring, "a", 1'000, kStart + milliseconds(999)), 0);
  EXPECT_EQ(accepted(ring, "a", 1'000, kStart + seconds(1)), 10);
}

TEST(ErrorRing, TakesAHundredInASecondInAll) {
  ErrorRing ring;
  int taken = 0;
  for (int i = 0; i < 500; ++i) taken += accepted(ring, "f" + std::to_string(i), 5, kStart);
  EXPECT_EQ(taken, 100);
}

TEST(ErrorRing, KeepsAThousandWhenNobodyDrains) {
  ErrorRing ring;
  for (int second = 0; second < 1'000; ++second) accepted(ring, "a", 10, kStart + seconds(second));
  EXPECT_EQ(ring.drain().size(), 1'000U);
  EXPECT_EQ(ring.suppressed(), 9'000U);
}

TEST(ErrorRing, SaysInTheLastRowHowManyWereLeftOut) {
  ErrorRing ring;
  accepted(ring, "a", 50, kStart);
  accepted(ring, "b", 3, kStart);
  const auto rows = ring.drain();
  ASSERT_EQ(rows.size(), 13U);
  EXPECT_EQ(rows[9].suppressed, 40);
  EXPECT_EQ(rows[8].suppressed, 0);
  EXPECT_EQ(rows[12].suppressed, 0);
  EXPECT_EQ(ring.suppressed(), 40U);
}

TEST(ErrorRing, CarriesTheCountToTheNextRow) {
  ErrorRing ring;
  accepted(ring, "a", 10, kStart);
  ring.drain();
  accepted(ring, "a", 7, kStart);
  EXPECT_TRUE(ring.drain().empty());
  accepted(ring, "a", 1, kStart + seconds(1));
  EXPECT_EQ(ring.drain().at(0).suppressed, 7);
}

TEST(ErrorRing, GivesRowsOldestFirstAndOnce) {
  ErrorRing ring;
  for (const char* name : {"a", "b", "c"}) ring.accept(record_of(name), kStart);
  const auto rows = ring.drain();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows[0].fingerprint + rows[1].fingerprint + rows[2].fingerprint, "abc");
  EXPECT_TRUE(ring.drain().empty());
}

TEST(ErrorRing, CutsLongMessagesBetweenCharacters) {
  ErrorRing ring;
  ErrorRecord record = record_of("a");
  record.message = "x";
  for (int i = 0; i < 1'000; ++i) record.message += "\u00e9";
  ring.accept(record, kStart);
  EXPECT_EQ(ring.drain().at(0).message, record.message.substr(0, 499));
}

TEST(ErrorRing, ForgetsOldFingerprintsButNotTheLimitInAll) {
  ErrorRing ring;
  int taken = 0;
  for (int i = 0; i < 50'000; ++i) taken += accepted(ring, "f" + std::to_string(i), 1, kStart);
  EXPECT_EQ(taken, 100);
  EXPECT_EQ(ring.suppressed(), 49'900U);
}

TEST(ErrorRing, CountsRightWithManyThreads) {
  ErrorRing ring;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) threads.emplace_back([&] { accepted(ring, "a", 1'000, kStart); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ring.drain().size(), 10U);
  EXPECT_EQ(ring.suppressed(), 3'990U);
}

}  // namespace
}  // namespace evently::observability
