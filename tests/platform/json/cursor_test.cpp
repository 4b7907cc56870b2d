#include "platform/json/cursor.hpp"

#include <gtest/gtest.h>

#include "platform/crypto/base64url.hpp"

namespace evently {
namespace {

using Parts = std::vector<std::string>;

const json::CursorCodec kCodec(std::string(32, 'k'));

TEST(CursorCodec, GivesBackItsParts) {
  for (const Parts& parts :
       {Parts{}, Parts{""}, Parts{"", ""}, Parts{"2026-11-24T18:00:00Z", "id"},
        Parts{std::string("a\0b\x1f", 4), "\u00e9"}, Parts{std::string(3000, 'x')}}) {
    EXPECT_EQ(kCodec.decode("events", kCodec.encode("events", parts)), parts);
  }
}

TEST(CursorCodec, RefusesTheCursorOfAnotherList) {
  const std::string cursor = kCodec.encode("events:status=published", {"a"});
  EXPECT_FALSE(kCodec.decode("events:status=draft", cursor));
  EXPECT_FALSE(kCodec.decode("", cursor));
}

TEST(CursorCodec, RefusesTheCursorOfAnotherKey) {
  const json::CursorCodec other(std::string(32, 'o'));
  EXPECT_FALSE(other.decode("events", kCodec.encode("events", {"a"})));
}

TEST(CursorCodec, RefusesEveryChangedBit) {
  const std::string bytes = *crypto::base64url_decode(kCodec.encode("events", {"2026", "id"}));
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string changed = bytes;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(kCodec.decode("events", crypto::base64url_encode(changed)));
  }
}

TEST(CursorCodec, RefusesEveryOtherLength) {
  const std::string cursor = kCodec.encode("events", {"2026", "id"});
  for (std::size_t size = 0; size < cursor.size(); ++size) {
    EXPECT_FALSE(kCodec.decode("events", cursor.substr(0, size)));
  }
  EXPECT_FALSE(kCodec.decode("events", cursor + "A"));
  EXPECT_FALSE(kCodec.decode("events", cursor + "="));
}

TEST(CursorCodec, RefusesNonsense) {
  for (const char* text :
       {"", "a", "!!!!", "null", "../../etc", " ", "%00", "AAAAAAAAAAAAAAAAAAAAAA"}) {
    EXPECT_FALSE(kCodec.decode("events", text)) << text;
  }
}

TEST(CursorCodec, MovesNothingBetweenPurposeAndParts) {
  EXPECT_FALSE(kCodec.decode("eventsa", kCodec.encode("events", {"a"})));
  EXPECT_NE(kCodec.encode("events", {"ab", "c"}), kCodec.encode("events", {"a", "bc"}));
}

TEST(CursorCodec, TakesCursorsOfTheOldKeyUntilItRetires) {
  const SystemClock clock;
  const TimePoint now = clock.now();
  json::CursorCodec codec(crypto::ring_of(std::string(32, 'k')), clock);
  const std::string old = codec.encode("events", {"a"});
  crypto::KeyRing ring{{1, std::string(32, 'k'), {}, now + std::chrono::hours(1)},
                       {2, std::string(32, 'n'), {}, {}}};
  codec.replace(ring);
  EXPECT_TRUE(codec.decode("events", old));
  EXPECT_TRUE(codec.decode("events", codec.encode("events", {"a"})));
  EXPECT_FALSE(kCodec.decode("events", codec.encode("events", {"a"})));
  ring[0].retire_after = now;
  codec.replace(ring);
  EXPECT_FALSE(codec.decode("events", old));
}

}  // namespace
}  // namespace evently
