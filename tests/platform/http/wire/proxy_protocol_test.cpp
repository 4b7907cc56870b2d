// Requirement E3: a listener that demands the PROXY protocol takes its word from its proxies only.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/wire/proxy_bytes.hpp"
#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"

namespace evently::http {
namespace {

constexpr char kHello[] = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

HttpConfig demanding(const std::string& proxies = "127.0.0.0/8") {
  HttpConfig config;
  config.proxies = TrustedProxies(std::vector<std::string>{proxies});
  config.proxy_protocol = true;
  return config;
}

std::string client_of(RunningServer& server, const std::string& bytes) {
  RawClient client(server.port());
  const std::string answer = client.ask(bytes);
  EXPECT_EQ(status_of(answer), 200) << answer;
  return server.observer().all_finished().back().client;
}

TEST(ProxyProtocol, NamesTheClientOfAllRequestsOfTheConnection) {
  RunningServer server(demanding());
  RawClient client(server.port());
  for (int i = 0; i < 2; ++i) {
    const std::string before = i == 0 ? from_203_0_113_9() : "";
    EXPECT_EQ(status_of(client.ask(before + kHello)), 200);
    EXPECT_EQ(server.observer().all_finished().back().client, "203.0.113.9");
  }
  EXPECT_EQ(server.observer().all_turned_away(), 0);
}

TEST(ProxyProtocol, MayComeInPiecesAndWithTheRequestInOne) {
  RunningServer server(demanding());
  RawClient slow(server.port());
  for (const char byte : from_203_0_113_9(extension(0x04, "xyz"))) {
    ASSERT_TRUE(slow.say(std::string_view(&byte, 1)));
  }
  EXPECT_EQ(status_of(slow.ask(kHello)), 200);
  RawClient fast(server.port());
  fast.say(from_203_0_113_9() + kHello + kHello);
  EXPECT_EQ(status_of(fast.answer()), 200);
  EXPECT_EQ(status_of(fast.answer()), 200);
}

TEST(ProxyProtocol, AClientCannotNameItselfButAProxyBehindTheProxyCan) {
  const std::string forwarded =
      "GET /hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n";
  RunningServer server(demanding());
  EXPECT_EQ(client_of(server, from_203_0_113_9() + forwarded), "203.0.113.9");
  const std::string from_a_proxy =
      proxy_bytes(0x21, 0x11, std::string("\x7f\0\0\x09\xc0\0\x02\x01\x12\x34\x01\xbb", 12));
  EXPECT_EQ(client_of(server, from_a_proxy + forwarded), "198.51.100.1");
  EXPECT_EQ(client_of(server, proxy_bytes(0x20, 0, "") + std::string(kHello)), "127.0.0.1");
}

TEST(ProxyProtocol, WithoutARightHeaderTheConnectionClosesWithoutAWord) {
  RunningServer server(demanding());
  int turned_away = 0;
  for (const std::string& bytes :
       {std::string(kHello), std::string("PROXY TCP4 203.0.113.9 192.0.2.1 4660 443\r\n") + kHello,
        proxy_bytes(0x22, 0x11, tcp4_body()) + kHello,
        proxy_bytes(0x21, 0x12, tcp4_body()) + kHello,
        proxy_bytes(0x21, 0x31, std::string(216, 'x')) + kHello,
        from_203_0_113_9(std::string("\x04\0\x09x", 4)) + kHello}) {
    RawClient client(server.port());
    client.say(bytes);
    try {
      EXPECT_EQ(client.rest(), "");
    } catch (const std::exception& reset) {
      EXPECT_THAT(reset.what(), ::testing::EndsWith("so far: "));  // it closed over unread bytes
    }
    ++turned_away;
    EXPECT_TRUE(
        server.eventually([&] { return server.observer().all_turned_away() == turned_away; }));
  }
  EXPECT_TRUE(server.observer().all_finished().empty());
}

TEST(ProxyProtocol, NobodyButAProxyIsListenedTo) {
  RunningServer server(demanding("192.0.2.0/24"));
  RawClient client(server.port());
  client.say(from_203_0_113_9() + kHello);
  EXPECT_TRUE(server.eventually([&] { return server.observer().all_turned_away() == 1; }));
  EXPECT_TRUE(server.eventually([&] { return server.connections() == 0; }));
  EXPECT_TRUE(server.observer().all_finished().empty());
}

TEST(ProxyProtocol, AHeaderThatDoesNotComeIsWaitedForAsLongAsARequestsIs) {
  HttpConfig config = demanding();
  config.header_timeout = std::chrono::seconds(1);
  RunningServer server(config);
  RawClient silent(server.port());
  RawClient half(server.port());
  half.say(from_203_0_113_9().substr(0, 20));
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(half.is_closed());
  EXPECT_EQ(server.observer().all_turned_away(), 2);
}

TEST(ProxyProtocol, ADrainWaitsForNoSilentConnection) {
  RunningServer server(demanding());
  RawClient silent(server.port());
  ASSERT_TRUE(server.eventually([&] { return server.connections() == 1; }));
  server.drain();
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(server.eventually([&] { return server.connections() == 0; }));
}

TEST(ProxyProtocol, IsABadRequestWhereNobodyDemandsIt) {
  RunningServer server;
  RawClient client(server.port());
  EXPECT_EQ(status_of(client.ask(from_203_0_113_9() + kHello)), 400);
}

}  // namespace
}  // namespace evently::http
