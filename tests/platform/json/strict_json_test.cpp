#include <gtest/gtest.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_corpus.hpp"

namespace evently {
namespace {

using testing::JsonCase;

/// The one detail a text is refused with; nullopt when it is accepted.
std::optional<http::FieldFault> fault_of(const std::string& text) {
  try {
    json::parse_strict(text);
    return std::nullopt;
  } catch (const http::BadRequest& refused) {
    EXPECT_EQ(refused.problem.status, 400);
    EXPECT_EQ(refused.problem.code, "validation_failed");
    EXPECT_EQ(refused.problem.details.size(), 1U);
    return refused.problem.details.at(0);
  }
}

void expect_answers(const std::vector<JsonCase>& cases) {
  for (const JsonCase& one : cases) {
    SCOPED_TRACE(one.name.substr(0, 60));
    const auto fault = fault_of(one.text);
    EXPECT_EQ(fault ? fault->code : "", one.code);
    EXPECT_EQ(fault ? fault->pointer : "", one.pointer);
  }
}

TEST(StrictJson, AcceptsWhatIsValid) { expect_answers(testing::accepted_texts()); }
TEST(StrictJson, RefusesWhatIsMalformed) { expect_answers(testing::malformed_texts()); }
TEST(StrictJson, RefusesBrokenCharacters) { expect_answers(testing::broken_characters()); }
TEST(StrictJson, NarrowsWhatTheStandardLeavesOpen) { expect_answers(testing::profile_texts()); }

TEST(StrictJson, RefusesEveryBeginningOfAnObject) {
  const std::string whole = R"({"a":[1.5e3,"\u00e9\ud83d\ude00",true,null],"b":{"c":-7}})";
  EXPECT_FALSE(fault_of(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto fault = fault_of(whole.substr(0, size));
    EXPECT_TRUE(fault) << whole.substr(0, size);
  }
}

TEST(StrictJson, NeverThrowsAnythingElseWhenBytesChange) {
  const std::string whole = R"({"a":[1.5e3,"\u00e9\ud83d\ude00",true],"b":{"c":-7}})";
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = whole;
      changed[at] = static_cast<char>(byte);
      EXPECT_NO_THROW(fault_of(changed));
    }
  }
}

TEST(StrictJson, KeepsTextUnchanged) {
  const auto value = json::parse_strict(R"({"t":"  \u00e9 \ud83d\ude00\t<b> "})");
  EXPECT_EQ(value.at("t").as_string(), "  \u00e9 \U0001F600\t<b> ");
}

TEST(StrictJson, KeepsTheWholeRangeOfIntegers) {
  const auto value = json::parse_strict("[9223372036854775807,-9223372036854775808,-0]");
  EXPECT_EQ(boost::json::serialize(value), "[9223372036854775807,-9223372036854775808,0]");
}

TEST(StrictJson, NeverEchoesTheValue) {
  for (const std::string text : {R"({"a":"SECRET\u0000"})", R"({"a":"SECRET)", R"(["SECRET" x])"}) {
    const auto fault = fault_of(text);
    ASSERT_TRUE(fault);
    EXPECT_EQ((fault->pointer + fault->message).find("SECRET"), std::string::npos);
  }
}

TEST(StrictJson, ShortensALongNameBetweenCharacters) {
  const std::string name = testing::repeated("\u00e9", 500);
  const auto fault = fault_of("{\"" + name + "\":1,\"" + name + "\":2}");
  ASSERT_TRUE(fault);
  EXPECT_EQ(fault->pointer, "/" + testing::repeated("\u00e9", 64));
}

}  // namespace
}  // namespace evently
