#include <gtest/gtest.h>

#include "platform/http/raw_client.hpp"
#include "platform/http/running_server.hpp"

namespace evently::http {
namespace {

/// A request whose end two readers could see in different places, then a canary that must not run.
struct Attack {
  const char* name;
  const char* bytes;
  int status;
};

void PrintTo(const Attack& attack, std::ostream* out) { *out << attack.name; }

#define CANARY "GET /canary HTTP/1.1\r\nHost: a\r\n\r\n"
#define POST_ECHO "POST /echo HTTP/1.1\r\nHost: a\r\n"

class Smuggling : public testing::TestWithParam<Attack> {};

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

constexpr Attack kAttacks[] = {
    {"length and chunks", POST_ECHO "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"chunks and length", POST_ECHO "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"two lengths", POST_ECHO "Content-Length: 0\r\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"two like lengths", POST_ECHO "Content-Length: 0\r\nContent-Length: 0\r\n\r\n" CANARY, 400},
    {"list of lengths", POST_ECHO "Content-Length: 0, 0\r\n\r\n" CANARY, 400},
    {"signed length", POST_ECHO "Content-Length: +0\r\n\r\n" CANARY, 400},
    {"negative length", POST_ECHO "Content-Length: -1\r\n\r\n" CANARY, 400},
    {"hexadecimal length", POST_ECHO "Content-Length: 0x0\r\n\r\n" CANARY, 400},
    {"empty length", POST_ECHO "Content-Length: \r\n\r\n" CANARY, 400},
    {"length in words", POST_ECHO "Content-Length: 0 0\r\n\r\n" CANARY, 400},
    {"overflowing length", POST_ECHO "Content-Length: 18446744073709551616\r\n\r\n" CANARY, 400},
    {"two codings", POST_ECHO "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"chunked twice", POST_ECHO "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n" CANARY, 501},
    {"chunked not last", POST_ECHO "Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" CANARY, 501},
    {"unknown coding", POST_ECHO "Transfer-Encoding: xchunked\r\n\r\n" CANARY, 501},
    {"coding with parameter", POST_ECHO "Transfer-Encoding: chunked;a=b\r\n\r\n0\r\n\r\n" CANARY, 501},
    {"coding with vertical tab", POST_ECHO "Transfer-Encoding: \x0b" "chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"chunks in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"space before colon", POST_ECHO "Content-Length : 0\r\n\r\n" CANARY, 400},
    {"coding with space before colon", POST_ECHO "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"folded header", POST_ECHO "X: a\r\n b\r\nContent-Length: 0\r\n\r\n" CANARY, 400},
    {"folded coding", POST_ECHO "Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n" CANARY, 400},
    {"line feeds alone", "POST /echo HTTP/1.1\nHost: a\nContent-Length: 0\n\n" CANARY, 400},
    {"line feed in header", POST_ECHO "X: a\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"carriage return in header", POST_ECHO "X: a\rContent-Length: 35\r\n\r\n" CANARY, 400},
    {"control byte in value", POST_ECHO "X: a\x01" "b\r\n\r\n" CANARY, 400},
    {"header without name", POST_ECHO ": b\r\n\r\n" CANARY, 400},
    {"header without colon", POST_ECHO "Content-Length\r\n\r\n" CANARY, 400},
    {"space before the first header", "GET /hello HTTP/1.1\r\n Host: a\r\n\r\n" CANARY, 400},
    {"no host", "GET /hello HTTP/1.1\r\n\r\n" CANARY, 400},
    {"two hosts", "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" CANARY, 400},
    {"host with path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n" CANARY, 400},
    {"host list", "GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n" CANARY, 400},
    {"chunk size with sign", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n+0\r\n\r\n" CANARY, 400},
    {"chunk size with prefix", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" CANARY, 400},
    {"chunk size empty", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n\r\n\r\n" CANARY, 400},
    {"chunk size overflows", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\na\r\n0\r\n\r\n" CANARY, 400},
    {"chunk ends without CRLF", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n" CANARY, 400},
    {"chunk line ends with LF", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1\na\n0\n\n" CANARY, 400},
    {"chunk extension with LF", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\na\r\n0\r\n\r\n" CANARY, 400},
    {"trailer with length", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 35\r\n\r\n" CANARY, 400},
    {"trailer with LF", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\nC: d\r\n\r\n" CANARY, 400},
    {"trailer folded", POST_ECHO "Transfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\n c\r\n\r\n" CANARY, 400},
    {"two spaces in the request line", "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n" CANARY, 400},
    {"tab in the request line", "GET\t/hello HTTP/1.1\r\nHost: a\r\n\r\n" CANARY, 400},
    {"no version", "GET /hello\r\nHost: a\r\n\r\n" CANARY, 400},
    {"version 2", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n" CANARY, 505},
    {"version 1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n" CANARY, 505},
    {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" CANARY, 505},
    {"TLS on a plain port", "\x16\x03\x01\x02\x01\x01", 400},
    {"unknown expectation", POST_ECHO "Content-Length: 2\r\nExpect: a-cake\r\n\r\nok" CANARY, 417},
};

INSTANTIATE_TEST_SUITE_P(Table, Smuggling, testing::ValuesIn(kAttacks));

class OddTarget : public testing::TestWithParam<Attack> {};

/// Whole requests whose target we do not read: refused, and the next one is served as usual.
TEST_P(OddTarget, IsRefusedAlone) {
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
    {"absolute form", TARGET("http://a/hello"), 400},
    {"dots are not special", TARGET("/items/../hello"), 404},
    {"encoded dots are not special", TARGET("/items/%2e%2e/hello"), 404},
    {"doubled slash", TARGET("//hello"), 404},
    {"trailing slash", TARGET("/hello/"), 404},
    {"encoded twice stays encoded once", TARGET("/items/%252F"), 200},
    {"unknown method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
    {"method in lower case", "get /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
};

INSTANTIATE_TEST_SUITE_P(Table, OddTarget, testing::ValuesIn(kTargets));

}  // namespace
}  // namespace evently::http
