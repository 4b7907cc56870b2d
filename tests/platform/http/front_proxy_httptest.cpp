// Behind a real proxy that shares its connections among clients: no request is smuggled past it,
// and everybody after an attack still gets the answer to what was asked (requirement A5).
#include <gtest/gtest.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"
#include "platform/http/wire/smuggling_attacks.hpp"
#include "support/front_proxy.hpp"

namespace evently::http {
namespace {

using testing::FrontProxy;

class BehindProxy : public ::testing::TestWithParam<FrontProxy::Kind> {
 protected:
  RunningServer server_;
  FrontProxy proxy_{GetParam(), server_.port()};

  /// Says all of it and hangs up; what comes back is the attacker's business.
  void attack(const char* bytes) {
    RawClient attacker(proxy_.port());
    attacker.say(bytes);
    boost::system::error_code ignored;
    attacker.socket().shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    attacker.is_closed();
  }

  std::string item_of_victim(int number) {
    RawClient victim(proxy_.port());
    victim.say("GET /items/" + std::to_string(number) +
               " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    return body_of(victim.rest());
  }
};

TEST_P(BehindProxy, NothingIsSmuggled) {
  int asked = 0;
  for (const Attack& one : kAttacks) {
    attack(one.bytes);
    for (int n = 0; n < 3; ++n, ++asked) {
      EXPECT_EQ(item_of_victim(asked), std::to_string(asked)) << "after: " << one.name;
    }
    EXPECT_EQ(server_.canaries(), 0) << one.name;
  }
}

TEST_P(BehindProxy, TheCanaryWouldSing) {
  RawClient(server_.port()).ask("GET /canary HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(server_.canaries(), 1);
  RawClient(proxy_.port()).ask("GET /canary HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(server_.canaries(), 1);  // marked by the proxy: its own
}

TEST(BehindProxyProtocol, TheClientIsWhoeverSpeaksToTheProxy) {
  HttpConfig config;
  config.proxies = TrustedProxies(std::vector<std::string>{"127.0.0.1/32"});
  config.proxy_protocol = true;
  RunningServer server(config);
  const FrontProxy proxy(FrontProxy::Kind::HaproxyV2, server.port());
  for (const char* from : {"127.0.0.5", "127.0.0.6"}) {
    RawClient client(proxy.port(), from);
    const std::string answer =
        client.ask("GET /hello HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: 198.51.100.1\r\n\r\n");
    EXPECT_EQ(status_of(answer), 200) << answer;
    EXPECT_EQ(server.observer().all_finished().back().client, from);
  }
  RawClient past_it(server.port(), "127.0.0.5");
  EXPECT_TRUE(past_it.is_closed());
}

INSTANTIATE_TEST_SUITE_P(Proxies, BehindProxy,
                         ::testing::Values(FrontProxy::Kind::Nginx, FrontProxy::Kind::Haproxy),
                         [](const auto& info) {
                           return info.param == FrontProxy::Kind::Nginx ? "Nginx" : "Haproxy";
                         });

}  // namespace
}  // namespace evently::http
