#include "platform/json/json_reader.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <functional>

#include "platform/json/json_body.hpp"
#include "platform/json/json_corpus.hpp"

namespace evently {
namespace {

using json::ObjectReader;
using ::testing::ElementsAre;
using Reading = std::function<void(ObjectReader&)>;

std::vector<http::FieldFault> faults_of(const std::string& text, const Reading& read) {
  const auto value = json::parse_strict(text);
  ObjectReader reader(value.as_object());
  try {
    read(reader);
    reader.finish();
    return {};
  } catch (const http::BadRequest& refused) {
    EXPECT_EQ(refused.problem.status, 400);
    EXPECT_EQ(refused.problem.code, "validation_failed");
    return refused.problem.details;
  }
}

/// "pointer code message" of every fault.
std::vector<std::string> lines_of(const std::string& text, const Reading& read) {
  std::vector<std::string> lines;
  for (const auto& fault : faults_of(text, read)) {
    lines.push_back(fault.pointer + " " + fault.code + ": " + fault.message);
  }
  return lines;
}

Reading text_of(json::TextRule rule) {
  return [rule](ObjectReader& reader) { reader.required_text("t", rule); };
}
void read_integer(ObjectReader& reader) { reader.required_integer("n", 1, 10); }
void read_uuid(ObjectReader& reader) { reader.required_uuid("id"); }
void read_time(ObjectReader& reader) { reader.required_time("at"); }
void read_money(ObjectReader& reader) { reader.optional_money("m"); }
void read_bool(ObjectReader& reader) { reader.optional_bool("b"); }
void read_choice(ObjectReader& reader) { reader.optional_choice("c", {"draft", "published"}); }

TEST(ObjectReader, ReadsEveryKind) {
  const auto value = json::parse_strict(
      R"({"t":" h\u00e9 ","n":7,"id":"0190A0B1-C2D3-7e4f-8a5b-6c7d8e9f0a1b","m":"99.90","b":true,)"
      R"("at":"2026-11-24T18:00:00+01:00","c":"draft"})");
  ObjectReader reader(value.as_object());
  EXPECT_EQ(reader.required_text("t", {}), " h\u00e9 ");
  EXPECT_EQ(reader.required_integer("n", 1, 10), 7);
  EXPECT_EQ(to_string(reader.required_uuid("id")), "0190a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b");
  EXPECT_EQ(to_rfc3339(reader.required_time("at")), "2026-11-24T17:00:00Z");
  EXPECT_EQ(reader.optional_money("m"), Money{9990});
  EXPECT_EQ(reader.optional_bool("b"), true);
  EXPECT_EQ(reader.optional_choice("c", {"draft"}), "draft");
  EXPECT_NO_THROW(reader.finish());
}

TEST(ObjectReader, CollectsEveryFault) {
  const auto lines = lines_of(R"({"n":11,"x":1,"m":99.99})", [](ObjectReader& reader) {
    reader.required_text("t", {1, 5, false});
    read_integer(reader);
    read_money(reader);
  });
  EXPECT_THAT(lines,
              ElementsAre("/t required: is required", "/n out_of_range: must be between 1 and 10",
                          R"(/m invalid_amount: must be a decimal string like "99.99")",
                          "/x unknown_member: is not a member of this request"));
}

TEST(ObjectReader, TakesNullForAbsent) {
  EXPECT_THAT(lines_of(R"({"m":null})", read_money), ElementsAre());
  EXPECT_THAT(lines_of(R"({"n":null})", read_integer), ElementsAre("/n required: is required"));
  EXPECT_THAT(lines_of(R"({"t":null})", text_of({})), ElementsAre("/t required: is required"));
}

TEST(ObjectReader, TellsNullFromAbsentWhenAsked) {
  const auto value = json::parse_strict(R"({"a":null})");
  const ObjectReader reader(value.as_object());
  EXPECT_TRUE(reader.has("a"));
  EXPECT_FALSE(reader.has("b"));
}

TEST(ObjectReader, RefusesWrongTypes) {
  for (const char* wrong : {"true", "1.5", "\"5\"", "[]", "{}"}) {
    EXPECT_EQ(faults_of(std::string(R"({"n":)") + wrong + "}", read_integer).at(0).code,
              "invalid_type");
  }
  for (const char* wrong : {"true", "1", "[]", "{}"}) {
    const std::string member = std::string(":") + wrong + "}";
    EXPECT_EQ(faults_of("{\"t\"" + member, text_of({})).at(0).code, "invalid_type");
    EXPECT_EQ(faults_of("{\"id\"" + member, read_uuid).at(0).code, "invalid_uuid");
    EXPECT_EQ(faults_of("{\"at\"" + member, read_time).at(0).code, "invalid_time");
    EXPECT_EQ(faults_of("{\"c\"" + member, read_choice).at(0).code, "unknown_value");
    EXPECT_EQ(faults_of("{\"m\"" + member, read_money).at(0).code, "invalid_amount");
  }
  for (const char* wrong : {"0", "1", "\"true\"", "[]"}) {
    EXPECT_EQ(faults_of(std::string(R"({"b":)") + wrong + "}", read_bool).at(0).code,
              "invalid_type");
  }
}

TEST(ObjectReader, HoldsIntegersToTheirBounds) {
  for (const char* good : {"1", "10"}) {
    EXPECT_TRUE(faults_of(std::string(R"({"n":)") + good + "}", read_integer).empty());
  }
  for (const char* bad : {"0", "11", "-1", "9223372036854775807"}) {
    EXPECT_EQ(faults_of(std::string(R"({"n":)") + bad + "}", read_integer).at(0).code,
              "out_of_range");
  }
}

TEST(ObjectReader, CountsCodePoints) {
  const std::string five = testing::repeated("\U0001F600", 5);
  EXPECT_TRUE(faults_of("{\"t\":\"" + five + "\"}", text_of({5, 5, false})).empty());
  EXPECT_THAT(lines_of("{\"t\":\"" + five + "\"}", text_of({1, 4, false})),
              ElementsAre("/t out_of_range: must have 1 to 4 characters"));
  EXPECT_THAT(lines_of("{\"t\":\"" + five + "\"}", text_of({0, 4, false})),
              ElementsAre("/t out_of_range: must have at most 4 characters"));
}

TEST(ObjectReader, RefusesBlankTextWhenSomethingMustStand) {
  for (const std::string blank : {" ", "   ", "\u00a0", "\u3000 \u2003", "\u200b", "\ufeff"}) {
    EXPECT_EQ(faults_of("{\"t\":\"" + blank + "\"}", text_of({1, 9, false})).at(0).code, "blank");
    EXPECT_TRUE(faults_of("{\"t\":\"" + blank + "\"}", text_of({0, 9, false})).empty());
  }
}

TEST(ObjectReader, RefusesControlCharacters) {
  for (const char* escape :
       {R"(\u0001)", R"(\u001f)", R"(\u001b)", R"(\b)", R"(\r)", R"(\u007f)"}) {
    const std::string text = std::string(R"({"t":"a)") + escape + R"(b"})";
    EXPECT_EQ(faults_of(text, text_of({1, 9, false})).at(0).code, "invalid_text") << escape;
    EXPECT_EQ(faults_of(text, text_of({1, 9, true})).at(0).code, "invalid_text") << escape;
  }
}

TEST(ObjectReader, TakesLinesOnlyWhereTheyBelong) {
  EXPECT_TRUE(faults_of(R"({"t":"a\n\tb"})", text_of({1, 9, true})).empty());
  EXPECT_EQ(faults_of(R"({"t":"a\nb"})", text_of({1, 9, false})).at(0).code, "invalid_text");
  EXPECT_EQ(faults_of(R"({"t":"a\tb"})", text_of({1, 9, false})).at(0).code, "invalid_text");
}

TEST(ObjectReader, EscapesAndShortensUnknownNames) {
  const std::string name = "a/b~" + testing::repeated("\u20ac", 100);
  const auto faults = faults_of("{\"" + name + "\":1}", [](ObjectReader&) {});
  ASSERT_EQ(faults.size(), 1U);
  EXPECT_EQ(faults[0].pointer, "/a~1b~0" + testing::repeated("\u20ac", 60));
}

TEST(ObjectReader, NeverEchoesAValue) {
  const auto faults =
      faults_of(R"({"n":"SECRET","c":"SECRET","x":"SECRET"})", [](ObjectReader& reader) {
        read_integer(reader);
        read_choice(reader);
      });
  EXPECT_EQ(faults.size(), 3U);
  for (const auto& fault : faults) EXPECT_EQ(fault.message.find("SECRET"), std::string::npos);
}

TEST(ObjectReader, NamesNestedMembers) {
  const auto value = json::parse_strict(R"({"n":0})");
  ObjectReader reader(value.as_object(), "/items/3");
  read_integer(reader);
  try {
    reader.finish();
    FAIL() << "not refused";
  } catch (const http::BadRequest& refused) {
    EXPECT_EQ(refused.problem.details.at(0).pointer, "/items/3/n");
    EXPECT_EQ(refused.problem.details.at(0).field, "items.3.n");
  }
}

TEST(ObjectReader, DoesNotMirrorAFloodOfUnknownMembers) {
  std::string text = "{";
  for (int i = 0; i < 5'000; ++i) text += "\"m" + std::to_string(i) + "\":1,";
  text.back() = '}';
  EXPECT_EQ(faults_of(text, [](ObjectReader&) {}).size(), 32U);
}

TEST(ObjectReader, TakesTheCallersOwnFaults) {
  EXPECT_THAT(
      lines_of("{}",
               [](ObjectReader& reader) { reader.fault("ends_at", "order", "must be later"); }),
      ElementsAre("/ends_at order: must be later"));
}

TEST(ObjectReader, TellsTheFaultsOfTheTextAndOfTheMembersAtOnce) {
  http::Request request;
  request.headers.emplace_back("content-type", "application/json");
  request.body = R"({"n":1,"n":99,"t":"\u0000","big":1e400,"id":1,"id":2,"zz":1})";
  const json::Body body = json::parse_body(request);
  ObjectReader reader(body);
  read_integer(reader);
  read_uuid(reader);
  reader.required_text("t", {1, 9, false});
  try {
    reader.finish();
    FAIL() << "no fault";
  } catch (const http::BadRequest& refused) {
    std::vector<std::string> lines;
    for (const auto& fault : refused.problem.details) {
      lines.push_back(fault.field + " " + fault.pointer + " " + fault.code);
    }
    EXPECT_THAT(lines,
                ElementsAre("n /n duplicate_member", "t /t invalid_text", "big /big out_of_range",
                            "id /id duplicate_member", "zz /zz unknown_member"));
  }
}

}  // namespace
}  // namespace evently
