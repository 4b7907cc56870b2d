#include "base/money.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace evently {
namespace {

std::optional<std::int64_t> cents(std::string_view text) {
  const auto amount = parse_money(text);
  if (!amount) return std::nullopt;
  return amount->cents;
}

TEST(Money, ParsesWholeAndHundredths) {
  EXPECT_EQ(cents("99.99"), 9999);
  EXPECT_EQ(cents("99"), 9900);
  EXPECT_EQ(cents("0.5"), 50);
  EXPECT_EQ(cents("0.05"), 5);
  EXPECT_EQ(cents("0"), 0);
}

TEST(Money, ParsesUpToItsLimit) {
  EXPECT_EQ(cents("9999999999.99"), 999'999'999'999);
  EXPECT_EQ(cents("10000000000"), std::nullopt);
  EXPECT_EQ(cents("99999999999999999999999999"), std::nullopt);
}

TEST(Money, RefusesWhatIsNotAnAmount) {
  for (const char* text : {"", ".", "1.", ".5", "1.234", "-1", "+1", "1,50", "1e3", " 1", "1 ",
                           "0x10", "1.2.3", "١", "NaN", "1.-5"}) {
    EXPECT_EQ(cents(text), std::nullopt) << text;
  }
}

TEST(Money, WritesTwoDecimalsAlways) {
  EXPECT_EQ(to_string(Money{9990}), "99.90");
  EXPECT_EQ(to_string(Money{5}), "0.05");
  EXPECT_EQ(to_string(Money{0}), "0.00");
  EXPECT_EQ(to_string(Money{999'999'999'999}), "9999999999.99");
}

TEST(Money, WritesNegativeAmountsDownToTheSmallest) {
  EXPECT_EQ(to_string(Money{-5}), "-0.05");
  EXPECT_EQ(to_string(Money{std::numeric_limits<std::int64_t>::min()}), "-92233720368547758.08");
}

TEST(Money, SurvivesItsText) {
  for (const std::int64_t amount : {0, 1, 10, 99, 100, 101, 123'456'789}) {
    EXPECT_EQ(cents(to_string(Money{amount})), amount);
  }
}

}  // namespace
}  // namespace evently
