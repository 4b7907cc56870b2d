#include "platform/crypto/totp.hpp"

#include <gtest/gtest.h>

namespace evently::crypto {
namespace {

using std::chrono::seconds;

const std::string kSecret = "12345678901234567890";

TimePoint at(std::int64_t unix_seconds) { return TimePoint(seconds(unix_seconds)); }

// RFC 6238, appendix B (SHA-1, eight digits).
TEST(Totp, AgreesWithTheVectorsOfRfc6238) {
  const std::pair<std::int64_t, const char*> vectors[]{
      {59, "94287082"},         {1111111109, "07081804"}, {1111111111, "14050471"},
      {1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"}};
  for (const auto& [time, code] : vectors) {
    EXPECT_EQ(totp_code(kSecret, totp_step(at(time)), 8), code) << time;
  }
}

// RFC 4226, appendix D (six digits).
TEST(Totp, AgreesWithTheVectorsOfRfc4226) {
  const char* codes[]{"755224", "287082", "359152", "969429", "338314",
                      "254676", "287922", "162583", "399871", "520489"};
  for (std::int64_t count = 0; count < 10; ++count) {
    EXPECT_EQ(totp_code(kSecret, count), codes[count]);
  }
}

TEST(Totp, TakesTheStepNowAndItsNeighbours) {
  const TimePoint now = at(1'000'000'000);
  const std::int64_t step = totp_step(now);
  for (std::int64_t near = -1; near <= 1; ++near) {
    EXPECT_EQ(totp_match(kSecret, totp_code(kSecret, step + near), now), step + near);
  }
  EXPECT_FALSE(totp_match(kSecret, totp_code(kSecret, step - 2), now));
  EXPECT_FALSE(totp_match(kSecret, totp_code(kSecret, step + 2), now));
  EXPECT_FALSE(totp_match(kSecret, "", now));
  EXPECT_FALSE(totp_match(kSecret, totp_code(kSecret, step) + "0", now));
}

// RFC 4648, section 10.
TEST(Base32, AgreesWithTheVectorsOfRfc4648) {
  EXPECT_EQ(base32_encode(""), "");
  EXPECT_EQ(base32_encode("f"), "MY");
  EXPECT_EQ(base32_encode("fo"), "MZXQ");
  EXPECT_EQ(base32_encode("foo"), "MZXW6");
  EXPECT_EQ(base32_encode("foob"), "MZXW6YQ");
  EXPECT_EQ(base32_encode("fooba"), "MZXW6YTB");
  EXPECT_EQ(base32_encode("foobar"), "MZXW6YTBOI");
}

}  // namespace
}  // namespace evently::crypto
