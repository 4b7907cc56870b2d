#include "platform/observability/log.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cstdlib>
#include <functional>
#include <limits>
#include <sstream>
#include <thread>
#include <vector>

#include "base/clock.hpp"

namespace evently::observability {
namespace {

/// The lines that `act` writes.
std::vector<std::string> lines_of(const std::function<void()>& act) {
  flush_log();
  ::testing::internal::CaptureStderr();
  act();
  flush_log();
  std::istringstream written(::testing::internal::GetCapturedStderr());
  std::vector<std::string> lines;
  for (std::string line; std::getline(written, line);) lines.push_back(line);
  return lines;
}

TEST(Log, WritesOneJsonTextALine) {
  const auto lines = lines_of([] {
    log(Level::Warning, "room.thing_happened",
        {{"text", "x"}, {"count", std::int64_t{7}}, {"took", 0.25}, {"late", false}});
  });
  ASSERT_EQ(lines.size(), 1U);
  const auto line = boost::json::parse(lines[0]);
  EXPECT_TRUE(parse_rfc3339(std::string_view(line.at("at").as_string())));
  EXPECT_EQ(line.at("level").as_string(), "warning");
  EXPECT_EQ(line.at("event").as_string(), "room.thing_happened");
  EXPECT_EQ(line.at("text").as_string(), "x");
  EXPECT_EQ(line.at("count").as_int64(), 7);
  EXPECT_EQ(line.at("took").as_double(), 0.25);
  EXPECT_EQ(line.at("late").as_bool(), false);
}

TEST(Log, NoValueCanForgeALine) {
  const std::string evil = "x\n{\"level\":\"fatal\"}\r\n\"},{\"\x1b[2J\u009b\u2028\xff";
  const auto lines =
      lines_of([&] { log(Level::Info, "room.verb_noun", {{"trace", std::string_view(evil)}}); });
  ASSERT_EQ(lines.size(), 1U);
  const auto line = boost::json::parse(lines[0]);
  EXPECT_EQ(line.at("level").as_string(), "info");
  EXPECT_EQ(lines[0].find('\x1b'), std::string::npos);
}

TEST(Log, WritesNoNumberJsonDoesNotKnow) {
  const auto lines = lines_of([] {
    log(Level::Info, "room.verb_noun",
        {{"a", std::numeric_limits<double>::quiet_NaN()},
         {"b", std::numeric_limits<double>::infinity()}});
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_TRUE(boost::json::parse(lines[0]).at("a").is_null());
}

TEST(Log, CutsLongValuesBetweenCharacters) {
  std::string text = "x";
  for (int i = 0; i < 5'000; ++i) text += "\u00e9";
  const auto lines =
      lines_of([&] { log(Level::Info, "room.verb_noun", {{"text", std::string_view(text)}}); });
  ASSERT_EQ(lines.size(), 1U);
  const auto line = boost::json::parse(lines[0]);
  EXPECT_EQ(std::string_view(line.at("text").as_string()), text.substr(0, 1999) + "…");
}

TEST(Log, LeavesOutWhatIsBelowTheLevel) {
  const auto lines = lines_of([] {
    log(Level::Debug, "room.quiet_thing");
    set_log_level(Level::Debug);
    log(Level::Debug, "room.loud_thing");
    set_log_level(Level::Info);
  });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("room.loud_thing"), std::string::npos);
}

TEST(Log, NeverMixesLinesOfTwoThreads) {
  const auto lines = lines_of([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < 500; ++i) log(Level::Info, "room.verb_noun", {{"i", std::int64_t{i}}});
      });
    }
    for (std::thread& thread : threads) thread.join();
  });
  EXPECT_EQ(lines.size(), 2'000U);
  for (const std::string& line : lines) EXPECT_NO_THROW(boost::json::parse(line));
}

TEST(Log, WritesShortFractions) {
  const auto lines = lines_of([] { log(Level::Info, "room.verb_noun", {{"ms", 1.0 / 3}}); });
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find(R"("ms":0.333333})"), std::string::npos);
}

TEST(Log, WritesWhatWaitsWhenTheProgramEnds) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a fork would not take the writer thread along
  EXPECT_EXIT(
      {
        for (int i = 0; i < 999; ++i) log(Level::Info, "room.verb_noun", {{"i", std::int64_t{i}}});
        log(Level::Info, "room.last_words");
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "room.last_words");
}

TEST(Log, DropsAndCountsRatherThanWait) {
  const std::uint64_t dropped_before = log_dropped();
  const int written = 30'000;
  const auto lines = lines_of([&] {
    for (int i = 0; i < written; ++i) log(Level::Info, "room.verb_noun", {{"i", std::int64_t{i}}});
  });
  EXPECT_GE(lines.size() + (log_dropped() - dropped_before), static_cast<std::size_t>(written));
}

}  // namespace
}  // namespace evently::observability
