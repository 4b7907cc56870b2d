#include <gtest/gtest.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"
#include "platform/http/wire/smuggling_attacks.hpp"

namespace evently::http {
namespace {

class Smuggling : public ::testing::TestWithParam<Attack> {};

TEST_P(Smuggling, IsRefusedAndTheRestIsNotRead) {
  RunningServer server;
  RawClient client(server.port());
  client.say(GetParam().bytes);
  const std::string answers = client.rest();
  EXPECT_EQ(status_of(answers), GetParam().status) << answers;
  EXPECT_EQ(answers.find("HTTP/1.1", 8), std::string::npos) << "a second answer: " << answers;
  EXPECT_EQ(header_of(answers, "Connection"), "close");
  EXPECT_EQ(header_of(answers, "Content-Type"), "application/problem+json");
  EXPECT_EQ(server.canaries(), 0);
}

INSTANTIATE_TEST_SUITE_P(Table, Smuggling, ::testing::ValuesIn(kAttacks));

class OddTarget : public ::testing::TestWithParam<Attack> {};

/// Whole requests with targets one seldom sees: answered or refused, and the next one is served as
/// usual.
TEST_P(OddTarget, IsAnsweredAlone) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(status_of(client.ask(GetParam().bytes)), GetParam().status);
  EXPECT_EQ(status_of(client.ask(CANARY)), 204);
}

#define TARGET(text) "GET " text " HTTP/1.1\r\nHost: a\r\n\r\n"

constexpr Attack kTargets[] = {
    {"encoded slash", TARGET("/items/a%2Fb"), 400},
    {"encoded slash, lower case", TARGET("/items/a%2fb"), 400},
    {"encoded NUL", TARGET("/items/a%00b"), 400},
    {"NUL in the query", TARGET("/hello?a=%00"), 400},
    {"broken escape", TARGET("/items/%4"), 400},
    {"broken escape digits", TARGET("/items/%zz"), 400},
    {"not UTF-8", TARGET("/items/%ff"), 400},
    {"overlong UTF-8", TARGET("/items/%c0%af"), 400},
    {"absolute form", TARGET("http://a/hello"), 200},
    {"absolute form in capitals", TARGET("HTTP://A/hello?q=1"), 200},
    {"absolute form of TLS", TARGET("https://a/hello"), 200},
    {"absolute form of the root", TARGET("http://a"), 404},
    {"absolute form of another host", TARGET("http://b/hello"), 400},
    {"absolute form of another port", TARGET("http://a:81/hello"), 400},
    {"absolute form with a name", TARGET("http://u@a/hello"), 400},
    {"absolute form without a host", TARGET("http:///hello"), 400},
    {"another scheme", TARGET("ftp://a/hello"), 400},
    {"asterisk form", TARGET("*"), 400},
    {"dots are not special", TARGET("/items/../hello"), 404},
    {"encoded dots are not special", TARGET("/items/%2e%2e/hello"), 404},
    {"doubled slash", TARGET("//hello"), 404},
    {"trailing slash", TARGET("/hello/"), 404},
    {"encoded twice stays encoded once", TARGET("/items/%252F"), 200},
    {"unknown method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"method in lower case", "get /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
};

INSTANTIATE_TEST_SUITE_P(Table, OddTarget, ::testing::ValuesIn(kTargets));

}  // namespace
}  // namespace evently::http
