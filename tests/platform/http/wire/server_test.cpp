#include "platform/http/wire/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"

namespace evently::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string get(const std::string& target, const std::string& headers = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string gunzip(std::string_view bytes) {
  z_stream stream{};
  inflateInit2(&stream, 15 + 16);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Server, AnswersManyRequestsOnOneConnection) {
  RunningServer server;
  RawClient client(server.port());
  for (int i = 0; i < 50; ++i) {
    const std::string id = std::to_string(i);
    EXPECT_EQ(body_of(client.ask(get("/items/" + id))), id);
  }
  EXPECT_EQ(server.connections(), 1U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server;
  RawClient client(server.port());
  std::string all;
  for (int i = 0; i < 100; ++i) all += get("/items/" + std::to_string(i));
  client.say(all);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(body_of(client.answer()), std::to_string(i));
}

TEST(Server, ReadsARequestThatComesByteByByte) {
  RunningServer server;
  RawClient client(server.port());
  client.socket().set_option(boost::asio::ip::tcp::no_delay(true));
  const std::string bytes = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello";
  for (const char c : bytes) client.say(std::string_view(&c, 1));
  EXPECT_EQ(body_of(client.answer()), "hello");
}

TEST(Server, ReadsAChunkedBody) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer = client.ask(
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n"
      "0\r\n\r\n");
  EXPECT_EQ(body_of(answer), "abcde");
}

TEST(Server, KeepsTrailersOutOfTheHeader) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer = client.ask(
      "POST /headers HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
      "Authorization: Bearer good\r\n\r\n");
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_THAT(answer, Not(HasSubstr("authorization")));
}

TEST(Server, AnswersHeadLikeGetWithoutTheBody) {
  RunningServer server;
  RawClient client(server.port());
  client.say("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string head = client.answer(false);
  EXPECT_EQ(header_of(head, "Content-Length"), "5");
  EXPECT_EQ(body_of(client.ask(get("/items/7"))), "7");
}

TEST(Server, ClosesAfterAnHttp10Request) {
  RunningServer server;
  RawClient client(server.port());
  client.say("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_EQ(status_of(answer), 200);
  EXPECT_EQ(header_of(answer, "Connection"), "close");
}

TEST(Server, ClosesWhenTheClientAsksForIt) {
  RunningServer server;
  RawClient client(server.port());
  client.say(get("/hello", "Connection: close\r\n"));
  EXPECT_THAT(client.rest(), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(Server, AnswersUnknownPathsWithAProblem) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer = client.ask(get("/nowhere"));
  EXPECT_EQ(status_of(answer), 404);
  EXPECT_EQ(header_of(answer, "Content-Type"), "application/problem+json");
  EXPECT_THAT(answer, HasSubstr(R"({"type":"/problems/not-found","title":"Not found","status":404,)"
                                R"("code":"not_found","error":"Not found","errorId":")"));
}

TEST(Server, NamesTheAllowedMethods) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer =
      client.ask("DELETE /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(status_of(answer), 405);
  EXPECT_EQ(header_of(answer, "Allow"), "GET, HEAD");
  EXPECT_EQ(status_of(client.ask("OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n")), 405);
}

TEST(Server, EchoesAGoodRequestIdAndReplacesABadOne) {
  RunningServer server;
  RawClient client(server.port());
  const std::string kept = client.ask(get("/hello", "X-Request-Id: my.request_1-A\r\n"));
  EXPECT_EQ(header_of(kept, "X-Request-Id"), "my.request_1-A");
  for (const std::string bad : {"short", "has space in", "semi;colon;x", ""}) {
    const std::string made = client.ask(get("/hello", "X-Request-Id: " + bad + "\r\n"));
    EXPECT_EQ(header_of(made, "X-Request-Id").size(), 36U) << bad;
  }
}

TEST(Server, AnswersAFaultWithoutItsWordsAndRecordsIt) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer = client.ask(
      get("/private-fault", "Authorization: Bearer good\r\nX-Request-Id: find-me-1\r\n"));
  EXPECT_EQ(status_of(answer), 500);
  EXPECT_THAT(answer, Not(HasSubstr("secret")));
  const auto failed = server.observer().all_failed();
  ASSERT_EQ(failed.size(), 1U);
  EXPECT_THAT(answer, HasSubstr(R"("errorId":")" + failed[0].error_id + '"'));
  EXPECT_EQ(failed[0].route, "/private-fault");
  EXPECT_EQ(failed[0].request_id, "find-me-1");
  EXPECT_EQ(failed[0].role, "user");
}

TEST(Server, ReportsTheRoutePatternNotThePath) {
  RunningServer server;
  RawClient client(server.port());
  client.ask(get("/items/123"));
  client.ask(get("/nowhere/456"));
  const auto finished = server.observer().all_finished();
  ASSERT_EQ(finished.size(), 2U);
  EXPECT_EQ(finished[0].route, "/items/{item_id}");
  EXPECT_EQ(finished[0].method, "GET");
  EXPECT_EQ(finished[1].route, "unmatched");
  EXPECT_EQ(finished[1].status, 404);
}

TEST(Server, CompressesForWhoWantsIt) {
  RunningServer server;
  RawClient client(server.port());
  const std::string plain = client.ask(get("/list"));
  const std::string packed = client.ask(get("/list", "Accept-Encoding: gzip\r\n"));
  EXPECT_EQ(header_of(plain, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header_of(plain, "Content-Encoding"), "");
  EXPECT_EQ(header_of(packed, "Content-Encoding"), "gzip");
  EXPECT_EQ(header_of(packed, "ETag"), "W/\"list\"");
  EXPECT_EQ(gunzip(body_of(packed)), body_of(plain));
}

TEST(Server, AnswersNotModifiedWithoutABody) {
  RunningServer server;
  RawClient client(server.port());
  const std::string answer = client.ask(get("/hello", "If-None-Match: \"v0\", W/\"v1\"\r\n"));
  EXPECT_EQ(status_of(answer), 304);
  EXPECT_EQ(header_of(answer, "ETag"), "\"v1\"");
  EXPECT_EQ(header_of(answer, "Cache-Control"), "public, max-age=1");
  EXPECT_EQ(header_of(answer, "Content-Length"), "");
  EXPECT_EQ(body_of(client.ask(get("/items/8"))), "8");  // nothing of a body came between
}

TEST(Server, SaysContinueBeforeABodyThatWaitsForIt) {
  RunningServer server;
  RawClient client(server.port());
  client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.answer(), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(body_of(client.ask("ok")), "ok");
}

TEST(Server, RefusesAPortThatAnotherProgramHas) {
  RunningServer first;
  boost::asio::io_context io;
  TestDoor door;
  TestObserver observer;
  const Router router({}, door);
  HttpConfig config;
  config.port = first.port();
  config.refuse_shared_port = true;
  EXPECT_THROW(Server(io, config, router, observer), std::exception);
  config.refuse_shared_port = false;
  EXPECT_NO_THROW(Server(io, config, router, observer));
}

TEST(Server, SaysStrictTransportBehindAProxy) {
  HttpConfig config;
  config.proxies = TrustedProxies({"127.0.0.1"});
  RunningServer server(config);
  RawClient client(server.port());
  EXPECT_THAT(client.ask(get("/hello")), HasSubstr("\r\nStrict-Transport-Security: max-age="));
}

}  // namespace
}  // namespace evently::http
