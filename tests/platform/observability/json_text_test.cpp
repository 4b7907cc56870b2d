#include "platform/observability/json_text.hpp"

#include <gtest/gtest.h>

namespace evently::observability {
namespace {

std::string json_of(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}
std::string log_of(std::string_view text) {
  std::string out;
  append_log_string(out, text);
  return out;
}

TEST(JsonText, EscapesWhatJsonForbids) {
  EXPECT_EQ(json_of("a\"b\\c\n\r\t\x01\x1f\x7f"), R"("a\"b\\c\n\u000d\u0009\u0001\u001f\u007f")");
  EXPECT_EQ(json_of(std::string_view("a\0b", 3)), R"("a\u0000b")");
}

TEST(JsonText, LeavesTheRestAlone) {
  EXPECT_EQ(json_of("h\u00e9 \U0001F600/<>&'"), "\"h\u00e9 \U0001F600/<>&'\"");
}

TEST(LogText, EscapesAsJsonText) {
  for (const char* text :
       {"", "a\"b\\c\n\r\t\x01\x7f", "h\u00e9 \u20ac \U0001F600", "\u00a0\u0100"}) {
    EXPECT_EQ(log_of(text), json_of(text));
  }
}

TEST(LogText, EscapesWhatATerminalMayObey) {
  EXPECT_EQ(log_of("\u0085\u009b\u009f"), R"("\u0085\u009b\u009f")");
  EXPECT_EQ(log_of("\u2028\u2029"), R"("\u2028\u2029")");
}

TEST(LogText, ReplacesWhatIsNotUtf8) {
  EXPECT_EQ(log_of("a\xff z"), R"("a\ufffd z")");
  EXPECT_EQ(log_of("\xc3"), R"("\ufffd")");
  EXPECT_EQ(log_of("\xe2\x82"), R"("\ufffd\ufffd")");
  EXPECT_EQ(log_of("\xc0\xaf"), R"("\ufffd\ufffd")");
  EXPECT_EQ(log_of("\xed\xa0\x80"), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(log_of("\xf4\x90\x80\x80"), R"("\ufffd\ufffd\ufffd\ufffd")");
}

}  // namespace
}  // namespace evently::observability
