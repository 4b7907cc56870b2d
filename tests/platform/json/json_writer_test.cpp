#include "platform/json/json_writer.hpp"

#include <gtest/gtest.h>

#include <boost/json/value.hpp>

#include "platform/json/json_body.hpp"

namespace evently {
namespace {

using json::JsonWriter;

TEST(JsonWriter, WritesEveryKind) {
  JsonWriter out;
  out.begin_object()
      .member("text", "a\"b\\c\n")
      .member("n", std::int64_t{-7})
      .member("flag", true)
      .member("id", Uuid{})
      .member("at", *parse_rfc3339("2026-11-24T18:00:00.5Z"))
      .member("price", Money{9990})
      .member("nothing", std::optional<Money>())
      .member("something", std::optional<std::string>("x"))
      .end_object();
  EXPECT_EQ(
      out.take(),
      R"({"text":"a\"b\\c\n","n":-7,"flag":true,"id":"00000000-0000-0000-0000-000000000000",)"
      R"("at":"2026-11-24T18:00:00.500000Z","price":"99.90","nothing":null,"something":"x"})");
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  JsonWriter out;
  out.begin_object().key("a").begin_array();
  out.begin_object().end_object().begin_array().end_array().value("").value(1).null();
  out.end_array()
      .key("b")
      .begin_object()
      .end_object()
      .member("c", ":")
      .member("d", "[")
      .end_object();
  EXPECT_EQ(out.take(), R"({"a":[{},[],"",1,null],"b":{},"c":":","d":"["})");
}

TEST(JsonWriter, SplicesFinishedTexts) {
  JsonWriter out;
  out.begin_array().raw(R"({"a":1})").raw("[]").raw(R"("x")").end_array();
  EXPECT_EQ(out.take(), R"([{"a":1},[],"x"])");
}

TEST(JsonWriter, EscapesSoThatTheTextComesBack) {
  std::string text;
  for (char c = 1; c > 0 && c < 0x7f; ++c) text += c;
  text += "\x7f\u00e9\u2028\U0001F600";
  JsonWriter out;
  out.begin_array().value(text).end_array();
  const std::string written = out.take();
  EXPECT_EQ(written.find('\n'), std::string::npos);
  EXPECT_EQ(json::parse_strict(written).at(0).as_string(), text);
}

}  // namespace
}  // namespace evently
