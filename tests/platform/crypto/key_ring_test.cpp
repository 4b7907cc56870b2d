#include "platform/crypto/key_ring.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace evently::crypto {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const TimePoint kNow = *parse_rfc3339("2026-11-24T18:00:00Z");

TEST(KeyRing, SignsWithTheOldKeyUntilTheNewOneWasAnnounced) {
  const KeyRing ring = rotated(ring_of(std::string(32, 'a')), kNow, hours(24));
  ASSERT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring[1].kid, 2);
  EXPECT_EQ(ring[1].secret.size(), 32U);
  EXPECT_EQ(current_key(ring, kNow).kid, 1);
  EXPECT_EQ(current_key(ring, kNow + kAnnounced - seconds(1)).kid, 1);
  EXPECT_EQ(current_key(ring, kNow + kAnnounced).kid, 2);
}

TEST(KeyRing, SignsAtOnceWhenThereIsOnlyOneKey) {
  EXPECT_EQ(current_key(KeyRing{{5, std::string(32, 'a'), kNow, {}}}, kNow).kid, 5);
}

TEST(KeyRing, KeepsTheOldKeyAsLongAsWhatItSignedLives) {
  const KeyRing ring = rotated(ring_of(std::string(32, 'a')), kNow, hours(24));
  const TimePoint end = kNow + kAnnounced + hours(24);
  EXPECT_NE(find_key(ring, 1, end - seconds(1)), nullptr);
  EXPECT_EQ(find_key(ring, 1, end), nullptr);
  EXPECT_NE(find_key(ring, 2, end), nullptr);
  EXPECT_EQ(find_key(ring, 3, kNow), nullptr);
}

TEST(KeyRing, LeavesRetiredKeysOutAndCountsOn) {
  KeyRing ring = rotated(ring_of(std::string(32, 'a')), kNow, hours(1));
  ring = rotated(ring, kNow + hours(2), hours(1));
  ASSERT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring[0].kid, 2);
  EXPECT_EQ(ring[1].kid, 3);
}

TEST(KeyRing, NeverRetiresWithoutAnOverlap) {
  const KeyRing ring = rotated(ring_of(std::string(32, 'a')), kNow, std::nullopt);
  EXPECT_NE(find_key(ring, 1, kNow + hours(1'000'000)), nullptr);
}

TEST(KeyRing, IsBounded) {
  KeyRing ring = ring_of(std::string(32, 'a'));
  for (int i = 0; i < 15; ++i) ring = rotated(ring, kNow, hours(1));
  EXPECT_THROW(rotated(ring, kNow, hours(1)), std::length_error);
}

}  // namespace
}  // namespace evently::crypto
