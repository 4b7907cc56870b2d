#include "platform/crypto/sealed_box.hpp"

#include <gtest/gtest.h>

namespace evently::crypto {
namespace {

const TimePoint kNow = *parse_rfc3339("2026-11-24T18:00:00Z");
const KeyRing kRing{{1, std::string(32, 'a'), {}, {}}, {300, std::string(32, 'b'), {}, {}}};

TEST(SealedBox, OpensWhatWasSealedForItsPlace) {
  for (const RingKey& key : kRing) {
    const std::string sealed = seal(key, "users|1", "a secret");
    EXPECT_EQ(sealed.find("secret"), std::string::npos);
    EXPECT_EQ(open_sealed(kRing, "users|1", sealed, kNow), "a secret");
    EXPECT_FALSE(open_sealed(kRing, "users|2", sealed, kNow)) << "moved to another row";
  }
  EXPECT_NE(seal(kRing[0], "p", "x"), seal(kRing[0], "p", "x"));
  EXPECT_EQ(open_sealed(kRing, "p", seal(kRing[0], "p", ""), kNow), "");
}

TEST(SealedBox, OpensNothingThatWasChanged) {
  const std::string sealed = seal(kRing[0], "p", "a secret");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_sealed(kRing, "p", changed, kNow)) << i;
    EXPECT_FALSE(open_sealed(kRing, "p", sealed.substr(0, i), kNow)) << i;
  }
}

TEST(SealedBox, OpensNothingOfAKeyThatIsGone) {
  const std::string sealed = seal(kRing[1], "p", "a secret");
  EXPECT_FALSE(open_sealed(KeyRing{kRing[0]}, "p", sealed, kNow));
  EXPECT_FALSE(open_sealed(KeyRing{{300, std::string(32, 'b'), {}, kNow}}, "p", sealed, kNow));
}

}  // namespace
}  // namespace evently::crypto
