#include "platform/postgres/parameters.hpp"

#include <gtest/gtest.h>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/rows.hpp"

namespace evently::postgres {
namespace {

TEST(Parameters, AreTextAndNullWhereThereIsNoValue) {
  const Uuid id = make_uuid_v7();
  const Parameters values = parameters(id, 2, true, Money{50}, std::optional<Money>{}, "text");
  const Parameters expected{to_string(id), "2", "t", "0.50", std::nullopt, "text"};
  EXPECT_EQ(values, expected);
}

TEST(Parameters, ArrayQuotesEveryElement) {
  EXPECT_EQ(encode_array({}), "{}");
  EXPECT_EQ(encode_array({"a", std::nullopt, ""}), R"({"a",NULL,""})");
  EXPECT_EQ(encode_array({R"(a"b\c,{})"}), R"({"a\"b\\c,{}"})");
}

TEST(Parameters, BytesAreHexadecimal) {
  EXPECT_EQ(encode_bytes(std::string_view("\x00\x7f\xff", 3)), "\\x007fff");
  EXPECT_EQ(encode_bytes(""), "\\x");
}

TEST(Decode, ReadsWhatPostgresWrites) {
  EXPECT_TRUE(decode<bool>("t"));
  EXPECT_FALSE(decode<bool>("f"));
  EXPECT_EQ(decode<std::int64_t>("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(decode<Money>("-12.30"), Money{-1230});
  EXPECT_EQ(to_rfc3339(decode<TimePoint>("2026-11-24 09:30:00+00")), "2026-11-24T09:30:00Z");
  EXPECT_EQ(to_rfc3339(decode<TimePoint>("2026-11-24 09:30:00.12+00")),
            "2026-11-24T09:30:00.120000Z");
}

TEST(Decode, RefusesAValueOfAnotherType) {
  EXPECT_THROW(decode<bool>("true"), DecodeError);
  EXPECT_THROW(decode<std::int32_t>("2147483648"), DecodeError);
  EXPECT_THROW(decode<std::int32_t>("1 "), DecodeError);
  EXPECT_THROW(decode<std::int64_t>(""), DecodeError);
  EXPECT_THROW(decode<Uuid>("x"), DecodeError);
  EXPECT_THROW(decode<Money>("1.234"), DecodeError);
  EXPECT_THROW(decode<TimePoint>("2026-11-24 09:30:00+01"), DecodeError);
  EXPECT_THROW(decode<TimePoint>("infinity"), DecodeError);
}

}  // namespace
}  // namespace evently::postgres
