#include "base/uuid.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <thread>
#include <unordered_set>

namespace evently {
namespace {

std::int64_t milliseconds_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

TEST(Uuid, IsVersionSevenOfTheRfcVariant) {
  const std::string text = to_string(make_uuid_v7());
  EXPECT_EQ(text[14], '7');
  EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos) << text;
}

TEST(Uuid, BeginsWithTheUnixTimeInMilliseconds) {
  const std::int64_t before = milliseconds_now();
  const Uuid id = make_uuid_v7();
  const std::int64_t after = milliseconds_now();
  std::int64_t stamp = 0;
  for (std::size_t i = 0; i < 6; ++i) stamp = stamp * 256 + id.bytes[i];
  EXPECT_GE(stamp, before);
  EXPECT_LE(stamp, after);
}

TEST(Uuid, TellsWhenItWasMadeIfItsVersionDoes) {
  const Uuid known = *parse_uuid("017f22e2-79b0-7cc3-98c4-dc0c0c07398f");  // RFC 9562, A.6
  EXPECT_EQ(made_at(known), parse_rfc3339("2022-02-22T19:22:22Z"));
  EXPECT_EQ(made_at(*parse_uuid("017f22e2-79b0-4cc3-98c4-dc0c0c07398f")), std::nullopt);
  EXPECT_EQ(made_at(Uuid{}), std::nullopt);
}

TEST(Uuid, IsUniqueAmongManyOfSeveralThreads) {
  constexpr int kEach = 20'000;
  std::vector<std::vector<Uuid>> made(4);
  {
    std::vector<std::jthread> threads;
    for (auto& ids : made) {
      threads.emplace_back([&ids] {
        for (int i = 0; i < kEach; ++i) ids.push_back(make_uuid_v7());
      });
    }
  }
  std::unordered_set<Uuid> all;
  for (const auto& ids : made) all.insert(ids.begin(), ids.end());
  EXPECT_EQ(all.size(), made.size() * kEach);
}

TEST(Uuid, SurvivesItsText) {
  const Uuid id = make_uuid_v7();
  EXPECT_EQ(parse_uuid(to_string(id)), id);
}

TEST(Uuid, TextIsLowerCaseAndParsesInEitherCase) {
  const auto id = parse_uuid("0192A3B4-C5D6-7E8F-9012-3456789ABCDE");
  ASSERT_TRUE(id);
  EXPECT_EQ(to_string(*id), "0192a3b4-c5d6-7e8f-9012-3456789abcde");
}

TEST(Uuid, OrdersAsItsText) {
  const auto low = parse_uuid("00000000-0000-7000-8000-0000000000ff");
  const auto high = parse_uuid("00000000-0000-7000-8000-000000000100");
  EXPECT_LT(*low, *high);
}

TEST(Uuid, NilIsNil) {
  EXPECT_TRUE(Uuid{}.is_nil());
  EXPECT_EQ(to_string(Uuid{}), "00000000-0000-0000-0000-000000000000");
  EXPECT_FALSE(make_uuid_v7().is_nil());
}

TEST(Uuid, RefusesAnyOtherText) {
  for (const char* text :
       {"", "0192a3b4c5d67e8f90123456789abcde", "{0192a3b4-c5d6-7e8f-9012-3456789abcde}",
        "0192a3b4-c5d6-7e8f-9012-3456789abcd", "0192a3b4-c5d6-7e8f-9012-3456789abcde0",
        "0192a3b4-c5d6-7e8f-9012-3456789abcdg", "0192a3b4-c5d6-7e8f-90123-456789abcde",
        "0192a3b4_c5d6-7e8f-9012-3456789abcde", "-192a3b4-c5d6-7e8f-9012-3456789abcde",
        " 192a3b4-c5d6-7e8f-9012-3456789abcde", "0192a3b4-c5d6-7e8f-9012-3456789abcd "}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace evently
