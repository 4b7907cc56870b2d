#include "support/telling_apart.hpp"

#include <gtest/gtest.h>
#include <poll.h>

namespace evently::testing {
namespace {

TEST(TellingApart, IsTheChanceThatOneIsGreater) {
  EXPECT_DOUBLE_EQ(area_under_curve({3, 4}, {1, 2}), 1.0);
  EXPECT_DOUBLE_EQ(area_under_curve({1, 2}, {3, 4}), 0.0);
  EXPECT_DOUBLE_EQ(area_under_curve({1, 2}, {1, 2}), 0.5);
  EXPECT_DOUBLE_EQ(area_under_curve({2}, {1, 2, 3, 4}), 0.375);
}

TEST(TellingApart, SeesAMillisecondMore) {
  EXPECT_FALSE(take_equally_long(20, [] { ::poll(nullptr, 0, 1); }, [] {}));
}

}  // namespace
}  // namespace evently::testing
