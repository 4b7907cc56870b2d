#include "platform/http/trusted_proxies.hpp"

#include <gtest/gtest.h>

namespace evently::http {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Case {
  const char* peer;
  Headers headers;
  const char* client;
};

class ClientAddress : public ::testing::TestWithParam<Case> {};

TEST_P(ClientAddress, IsTheRightmostUntrustedHop) {
  const TrustedProxies proxies({"10.0.0.0/8", "192.0.2.7", "2001:db8::/32"});
  EXPECT_EQ(proxies.client_address(GetParam().peer, GetParam().headers), GetParam().client);
}

INSTANTIATE_TEST_SUITE_P(
    Table, ClientAddress,
    ::testing::Values(
        Case{"203.0.113.5", {{"x-forwarded-for", "1.2.3.4"}}, "203.0.113.5"},
        Case{"10.1.1.1", {}, "10.1.1.1"},
        Case{"10.1.1.1", {{"x-forwarded-for", "1.2.3.4"}}, "1.2.3.4"},
        Case{"10.1.1.1", {{"x-forwarded-for", "9.9.9.9, 1.2.3.4"}}, "1.2.3.4"},
        Case{"10.1.1.1", {{"x-forwarded-for", "9.9.9.9, 1.2.3.4, 10.2.2.2"}}, "1.2.3.4"},
        Case{"192.0.2.7",
             {{"x-forwarded-for", "9.9.9.9"}, {"x-forwarded-for", "1.2.3.4"}},
             "1.2.3.4"},
        Case{"192.0.2.8", {{"x-forwarded-for", "1.2.3.4"}}, "192.0.2.8"},
        Case{"10.1.1.1", {{"x-forwarded-for", "1.2.3.4, nonsense"}}, "10.1.1.1"},
        Case{"10.1.1.1", {{"x-forwarded-for", "1.2.3.4, nonsense, 10.3.3.3"}}, "10.3.3.3"},
        Case{"2001:db8::1", {{"x-forwarded-for", "2001:db9::5"}}, "2001:db9::5"},
        Case{"::ffff:10.1.1.1", {{"x-forwarded-for", "1.2.3.4"}}, "1.2.3.4"}));

TEST(TrustedProxies, StopsAfterThirtyTwoHops) {
  const TrustedProxies proxies({"10.0.0.0/8"});
  std::string hops = "1.2.3.4";
  for (int i = 0; i < 40; ++i) hops += ", 10.0.0." + std::to_string(i);
  EXPECT_EQ(proxies.client_address("10.9.9.9", {{"x-forwarded-for", hops}}), "10.0.0.8");
}

TEST(TrustedProxies, RefusesWhatIsNotANetwork) {
  EXPECT_THROW(TrustedProxies({"10.0.0.0/33"}), std::invalid_argument);
  EXPECT_THROW(TrustedProxies({"proxy.example"}), std::invalid_argument);
  EXPECT_THROW(TrustedProxies({"10.0.0.0/"}), std::invalid_argument);
}

}  // namespace
}  // namespace evently::http
