#include "platform/json/query_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "platform/http/encoding.hpp"

namespace evently {
namespace {

using json::QueryReader;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Reading = std::function<void(QueryReader&)>;

http::Request request_of(std::string_view query) {
  http::Request request;
  request.query = http::parse_query(query).value();
  return request;
}

std::vector<std::string> lines_of(std::string_view query, const Reading& read) {
  const http::Request request = request_of(query);
  QueryReader reader(request);
  std::vector<std::string> lines;
  try {
    read(reader);
    reader.finish();
  } catch (const http::BadRequest& refused) {
    EXPECT_EQ(refused.problem.status, 400);
    for (const auto& fault : refused.problem.details)
      lines.push_back(fault.field + " " + fault.code);
  }
  return lines;
}

void read_all(QueryReader& reader) {
  reader.optional_text("q", 5);
  reader.optional_integer("limit", 1, 100);
  reader.optional_uuid("event");
  reader.optional_time("from");
  reader.optional_choice("order", {"date", "name"});
  reader.optional_bool("mine");
  reader.flag("past");
}

TEST(QueryReader, ReadsEveryKind) {
  const http::Request request = request_of(
      "q=h%C3%A9&limit=20&event=0190a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b&from=2026-11-24&order=name&"
      "mine=false&past=true");
  QueryReader reader(request);
  EXPECT_EQ(reader.optional_text("q", 5), "h\u00e9");
  EXPECT_EQ(reader.optional_integer("limit", 1, 100), 20);
  EXPECT_TRUE(reader.optional_uuid("event"));
  EXPECT_EQ(reader.optional_time("from"), parse_rfc3339("2026-11-24T00:00:00Z"));
  EXPECT_EQ(reader.optional_choice("order", {"date", "name"}), "name");
  EXPECT_EQ(reader.optional_bool("mine"), false);
  EXPECT_TRUE(reader.flag("past"));
  EXPECT_NO_THROW(reader.finish());
}

TEST(QueryReader, TakesNothingForNothing) { EXPECT_THAT(lines_of("", read_all), IsEmpty()); }

TEST(QueryReader, CollectsEveryFault) {
  EXPECT_THAT(
      lines_of("q=toolong&limit=0&event=x&from=soon&order=up&mine=1&past=yes&z=1", read_all),
      ElementsAre("q out_of_range", "limit out_of_range", "event invalid_uuid", "from invalid_time",
                  "order unknown_value", "mine unknown_value", "past unknown_value",
                  "z unknown_parameter"));
}

TEST(QueryReader, RefusesIntegersThatAreNone) {
  for (const char* text : {"limit=", "limit=+5", "limit=5x", "limit=0x5", "limit=5.0", "limit=%205",
                           "limit=101", "limit=-1", "limit=99999999999999999999", "limit"}) {
    EXPECT_THAT(lines_of(text, read_all), ElementsAre("limit out_of_range")) << text;
  }
}

TEST(QueryReader, RefusesRepeatedParameters) {
  EXPECT_THAT(lines_of("limit=5&limit=5", read_all), ElementsAre("limit repeated_parameter"));
}

TEST(QueryReader, RefusesControlCharacters) {
  EXPECT_THAT(lines_of("q=a%0Ab", read_all), ElementsAre("q invalid_text"));
}

TEST(QueryReader, NamesAreCaseSensitive) {
  EXPECT_THAT(lines_of("Limit=5", read_all), ElementsAre("Limit unknown_parameter"));
}

TEST(QueryReader, DoesNotMirrorAFlood) {
  std::string query;
  for (int i = 0; i < 4'000; ++i) query += "&a";
  for (int i = 0; i < 4'000; ++i) query += "&limit=1";
  EXPECT_EQ(lines_of(query, read_all).size(), 32U);
}

TEST(QueryReader, ShortensNamesBetweenCharacters) {
  std::string name;
  for (int i = 0; i < 100; ++i) name += "\u20ac";
  EXPECT_THAT(lines_of(name + "=1", read_all),
              ElementsAre(name.substr(0, 64 * 3) + " unknown_parameter"));
}

}  // namespace
}  // namespace evently
