#include "events/import/event_import.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace evently::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::SizeIs;

std::vector<ImportLine> csv(const std::string& text) {
  std::istringstream in(text);
  return read_lines(in, ImportFormat::Csv);
}

std::vector<ImportLine> ndjson(const std::string& text) {
  std::istringstream in(text);
  return read_lines(in, ImportFormat::Ndjson);
}

TEST(CsvFile, NamesColumnsByItsHeader) {
  const auto lines = csv("name,city\r\nRubyfuza,Cape Town\r\n");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0].columns, ElementsAre(Pair("city", "Cape Town"), Pair("name", "Rubyfuza")));
  EXPECT_EQ(lines[0].number, 2);
}

TEST(CsvFile, KeepsQuotesCommasAndNewlinesOfQuotedFields) {
  const auto lines = csv("name,description\n\"One, \"\"Two\"\"\",\"a\r\nb\"\nNext,x");
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].columns.at("name"), "One, \"Two\"");
  EXPECT_EQ(lines[0].columns.at("description"), "a\r\nb");
  EXPECT_EQ(lines[1].number, 4);
}

TEST(CsvFile, ReadsPastAByteOrderMark) {
  EXPECT_EQ(csv("\xEF\xBB\xBFname\nx\n")[0].columns.at("name"), "x");
}

TEST(CsvFile, TellsOfALineWithOtherFields) {
  const auto lines = csv("name,city\nonly\nname,city\n");
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_EQ(lines[0].fault, "has 1 fields, the header 2");
  EXPECT_EQ(lines[1].fault, "");
}

TEST(CsvFile, TellsOfAQuoteThatNeverEnds) {
  EXPECT_EQ(csv("name\n\"never")[0].fault, "a quoted field is not closed");
}

TEST(CsvFile, TellsOfBytesThatAreNoText) {
  EXPECT_EQ(csv("name\n\xff\n")[0].fault, "is not UTF-8");
}

TEST(CsvFile, MustHaveAHeader) {
  for (const char* text : {"", "\n", "\xEF\xBB\xBF"}) {
    const auto lines = csv(text);
    ASSERT_THAT(lines, SizeIs(1)) << text;
    EXPECT_EQ(lines[0].number, 1);
    EXPECT_EQ(lines[0].fault, "the header with the columns' names is missing");
  }
}

TEST(CsvFile, MayHaveNothingButItsHeader) { EXPECT_THAT(csv("name,startDate\n"), SizeIs(0)); }

TEST(NdjsonFile, ReadsTextNumbersAndFlags) {
  const auto lines = ndjson(R"({"name":"a\u00e9","online":true,"capacity":5,"city":null})"
                            "\r\n\n");
  ASSERT_THAT(lines, SizeIs(1));
  EXPECT_THAT(lines[0].columns,
              ElementsAre(Pair("capacity", "5"), Pair("name", "aé"), Pair("online", "true")));
}

TEST(NdjsonFile, CountsEmptyLinesToo) {
  const auto lines = ndjson("\n\n{\"name\":\"a\"}\n{broken\n[1]\n");
  ASSERT_THAT(lines, SizeIs(3));
  EXPECT_EQ(lines[0].number, 3);
  EXPECT_EQ(lines[1].number, 4);
  EXPECT_NE(lines[1].fault, "");
  EXPECT_EQ(lines[2].fault, "not a JSON object");
}

TEST(NdjsonFile, RefusesAStructureForAColumn) {
  EXPECT_THAT(ndjson(R"({"name":{"de":"x"}})")[0].fault, HasSubstr("name must be"));
  EXPECT_EQ(ndjson(R"({"name":"x","tags":["a"]})")[0].fault, "");
}

}  // namespace
}  // namespace evently::events
