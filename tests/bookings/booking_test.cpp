#include "bookings/booking.hpp"

#include <gtest/gtest.h>

#include <set>

namespace evently::bookings {
namespace {

TEST(BookingReference, HasNoSymbolThatLooksLikeAnother) {
  for (int n = 0; n < 1000; ++n) {
    const std::string symbols = make_reference().substr(3);
    EXPECT_EQ(symbols.find_first_of("0O1I"), std::string::npos) << symbols;
  }
}

TEST(BookingReference, IsRecognised) {
  for (int n = 0; n < 1000; ++n) EXPECT_TRUE(is_reference(make_reference()));
}

TEST(BookingReference, IsNeverMadeTwice) {
  std::set<std::string> seen;
  for (int n = 0; n < 10'000; ++n) EXPECT_TRUE(seen.insert(make_reference()).second);
}

TEST(BookingReference, NoticesEverySingleWrongSymbol) {
  const std::string right = make_reference();
  for (std::size_t at = 3; at < right.size(); ++at) {
    for (const char symbol : std::string("23456789ABCDEFGHJKLMNPQRSTUVWXYZ")) {
      if (right[at] == '-' || right[at] == symbol) continue;
      std::string wrong = right;
      wrong[at] = symbol;
      EXPECT_FALSE(is_reference(wrong)) << right << " " << wrong;
    }
  }
}

TEST(BookingReference, NoticesNearlyEverySwapOfNeighbours) {
  int swaps = 0;
  int noticed = 0;
  for (int n = 0; n < 1000; ++n) {
    std::string text = make_reference();
    std::swap(text[4], text[5]);
    if (text[4] == text[5]) continue;
    ++swaps;
    noticed += is_reference(text) ? 0 : 1;
  }
  EXPECT_GT(noticed, swaps * 98 / 100);
}

TEST(BookingReference, RefusesOtherShapes) {
  for (const char* text : {"", "EV-", "EV-22222-222222-", "XX-22222-222222", "EV-22222222222",
                           "EV-0OI1l-222222", "ev-22222-222222"}) {
    EXPECT_FALSE(is_reference(text)) << text;
  }
}

}  // namespace
}  // namespace evently::bookings
