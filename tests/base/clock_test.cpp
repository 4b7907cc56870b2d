#include "base/clock.hpp"

#include <gtest/gtest.h>

namespace evently {
namespace {

using std::chrono::microseconds;

/// The text in UTC, or "refused".
std::string in_utc(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? to_rfc3339(*time) : "refused";
}

std::string day(std::string_view text) {
  const auto time = parse_date(text);
  return time ? to_rfc3339(*time) : "refused";
}

TEST(Clock, SystemClockGoesOn) {
  const SystemClock clock;
  const TimePoint before = clock.now();
  EXPECT_GT(before, *parse_rfc3339("2024-01-01T00:00:00Z"));
  EXPECT_GE(clock.now(), before);
}

TEST(Rfc3339, CountsFromTheUnixEpoch) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z"), TimePoint(std::chrono::seconds(1)));
  EXPECT_EQ(parse_rfc3339("2001-09-09T01:46:40Z"), TimePoint(std::chrono::seconds(1'000'000'000)));
}

TEST(Rfc3339, WritesAFractionOnlyWhenThereIsOne) {
  const TimePoint whole = *parse_rfc3339("2026-11-24T09:30:00Z");
  EXPECT_EQ(to_rfc3339(whole), "2026-11-24T09:30:00Z");
  EXPECT_EQ(to_rfc3339(whole + microseconds(1)), "2026-11-24T09:30:00.000001Z");
  EXPECT_EQ(to_rfc3339(whole + microseconds(250'000)), "2026-11-24T09:30:00.250000Z");
}

TEST(Rfc3339, WritesTimesBeforeTheEpoch) {
  EXPECT_EQ(to_rfc3339(TimePoint(microseconds(-1))), "1969-12-31T23:59:59.999999Z");
}

TEST(Rfc3339, TakesOneToSixFractionDigits) {
  EXPECT_EQ(in_utc("2026-11-24T09:30:00.5Z"), "2026-11-24T09:30:00.500000Z");
  EXPECT_EQ(in_utc("2026-11-24T09:30:00.123456Z"), "2026-11-24T09:30:00.123456Z");
  EXPECT_EQ(in_utc("2026-11-24T09:30:00.1234567Z"), "refused");
  EXPECT_EQ(in_utc("2026-11-24T09:30:00.Z"), "refused");
}

TEST(Rfc3339, TurnsAnyOffsetIntoUtc) {
  EXPECT_EQ(in_utc("2026-11-24T00:30:00+01:00"), "2026-11-23T23:30:00Z");
  EXPECT_EQ(in_utc("2026-12-31T20:00:00-05:30"), "2027-01-01T01:30:00Z");
  EXPECT_EQ(in_utc("2026-11-24T09:30:00-00:00"), "2026-11-24T09:30:00Z");
  EXPECT_EQ(in_utc("2026-11-24T09:30:00.25+23:59"), "2026-11-23T09:31:00.250000Z");
}

TEST(Rfc3339, TakesLowerCaseLetters) {
  EXPECT_EQ(in_utc("2026-11-24t09:30:00z"), "2026-11-24T09:30:00Z");
}

TEST(Rfc3339, KnowsLeapDays) {
  EXPECT_EQ(in_utc("2024-02-29T12:00:00Z"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(in_utc("2000-02-29T12:00:00Z"), "2000-02-29T12:00:00Z");
  EXPECT_EQ(in_utc("2026-02-29T12:00:00Z"), "refused");
  EXPECT_EQ(in_utc("1900-02-29T12:00:00Z"), "refused");
}

TEST(Rfc3339, StaysWithinFourDigitYears) {
  EXPECT_EQ(in_utc("0001-01-01T00:00:00Z"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(in_utc("9999-12-31T23:59:59.999999Z"), "9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(in_utc("0000-06-01T00:00:00Z"), "refused");
  EXPECT_EQ(in_utc("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(in_utc("9999-12-31T23:59:59-00:01"), "refused");
}

TEST(Rfc3339, RefusesWhatIsNotATime) {
  for (const char* text : {"",
                           "2026-11-24",
                           "2026-11-24T09:30Z",
                           "2026-11-24T09:30:00",
                           "2026-11-24 09:30:00Z",
                           "2026-13-24T09:30:00Z",
                           "2026-00-24T09:30:00Z",
                           "2026-11-31T09:30:00Z",
                           "2026-11-00T09:30:00Z",
                           "2026-11-24T24:00:00Z",
                           "2026-11-24T09:60:00Z",
                           "2026-11-24T09:30:60Z",
                           "2026-11-24T09:30:00+24:00",
                           "2026-11-24T09:30:00+01:60",
                           "2026-11-24T09:30:00+0100",
                           "2026-11-24T09:30:00+1:00",
                           "2026-11-24T09:30:00Zulu",
                           "2026-11-24T09:30:00Z ",
                           " 2026-11-24T09:30:00Z",
                           "+026-11-24T09:30:00Z",
                           "2026-1 -24T09:30:00Z",
                           "2026-11-24T0x:30:00Z",
                           "2026-11-24T09:30:00,5Z"}) {
    EXPECT_FALSE(parse_rfc3339(text)) << text;
  }
}

TEST(Date, IsMidnightInUtc) {
  EXPECT_EQ(day("2026-11-24"), "2026-11-24T00:00:00Z");
  EXPECT_EQ(day("2024-02-29"), "2024-02-29T00:00:00Z");
}

TEST(Date, RefusesDaysThatAreNotReal) {
  for (const char* text : {"", "2026-02-29", "2026-04-31", "2026-13-01", "2026-00-01", "0000-01-01",
                           "2026-1-01", "20261101", "2026/11/01", "2026-11-01T", "2026-11-1x"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
}

}  // namespace
}  // namespace evently
