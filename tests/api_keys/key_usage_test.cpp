#include "api_keys/key_usage.hpp"

#include <gtest/gtest.h>

#include "api_keys/key_text.hpp"

namespace evently::api_keys {
namespace {

using std::chrono::seconds;

TEST(KeyUsage, AddsUpWhatComesBetweenTwoWrites) {
  KeyUsage usage;
  const Uuid key = make_uuid_v7();
  const TimePoint at{seconds(1000)};
  usage.note(key, at + seconds(5));
  usage.note(key, at);
  const auto uses = usage.pending();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].calls, 2);
  EXPECT_EQ(uses[0].last, at + seconds(5));
  usage.note(key, at + seconds(9));
  EXPECT_EQ(usage.pending().at(0).calls, 3) << "a write that failed loses nothing";
  usage.written(uses);
  const auto rest = usage.pending();
  ASSERT_EQ(rest.size(), 1U);
  EXPECT_EQ(rest[0].calls, 1);
  EXPECT_EQ(rest[0].last, at + seconds(9));
  usage.written(rest);
  EXPECT_TRUE(usage.pending().empty());
}

TEST(KeyUsage, HasRoomForTenThousandKeys) {
  KeyUsage usage;
  for (int i = 0; i < 10'003; ++i) usage.note(make_uuid_v7(), TimePoint());
  EXPECT_EQ(usage.uncounted(), 3U);
  EXPECT_EQ(usage.pending().size(), 10'000U);
}

TEST(KeyText, IsReadAsItWasWritten) {
  const KeyText key = make_key(make_uuid_v7());
  for (const bool live : {true, false}) {
    const std::string text = write_key(key, live);
    const auto read = read_key(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->id, key.id);
    EXPECT_EQ(read->secret, key.secret);
    for (std::size_t i = 0; i < text.size(); ++i) {
      std::string changed = text;
      changed[i] = changed[i] == 'a' ? 'b' : 'a';
      EXPECT_FALSE(read_key(changed)) << "one wrong digit at " << i;
      EXPECT_FALSE(read_key(text.substr(0, i)));
    }
  }
}

}  // namespace
}  // namespace evently::api_keys
