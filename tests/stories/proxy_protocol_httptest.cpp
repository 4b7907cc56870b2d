// Requirement E3: TLS to the program itself through a proxy that only passes connections on
// (haproxy, send-proxy-v2). Who fails to sign in is kept out, and not everybody behind the proxy.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "support/front_proxy.hpp"
#include "support/own_certificate.hpp"
#include "support/server_process.hpp"
#include "support/shell.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

TEST(ProxyProtocolStory, ThroughHaproxyToTls) {
  const OwnCertificate own;
  std::vector<std::string> arguments{"--tls-cert",       own.certificate(), "--tls-key",
                                     own.key(),          "--behind-proxy",  "127.0.0.1/32",
                                     "--proxy-protocol", "--limit",         "auth=off"};
  for (const char* tier : {"login-pair", "login-account", "global"}) {
    arguments.insert(arguments.end(), {"--limit", std::string(tier) + "=off"});
  }
  ServerProcess server(arguments, RateLimits::AsGiven);
  const FrontProxy proxy(FrontProxy::Kind::HaproxyV2, server.port());
  const auto sign_in = [&](const std::string& from) {
    return run_shell(
               "curl -sS -o /dev/null -w '%{http_code}' --max-time 20 --cacert " +
               own.certificate() + " --interface " + from +
               " -H 'Content-Type: application/json' -H 'X-Forwarded-For: 198.51.100.1'"
               " -d '{\"email\":\"x@example.org\",\"password\":\"wrong\"}' https://localhost:" +
               std::to_string(proxy.port()) + "/api/v1/auth/token")
        .output;
  };
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in("127.0.0.5"), "401");
  std::string answer;
  for (const auto limit = Time::now() + 20s; answer != "403" && Time::now() < limit;) {
    answer = sign_in("127.0.0.5");
  }
  EXPECT_EQ(answer, "403");
  EXPECT_EQ(sign_in("127.0.0.6"), "401");

  const CommandResult past_it =
      run_shell("curl -sSk --max-time 20 https://127.0.0.1:" + std::to_string(server.port()) +
                "/api/v1/health/live");
  EXPECT_NE(past_it.exit_code, 0) << past_it.output;
  HttpClient operations(server.operations_port());
  EXPECT_THAT(operations.get("/metrics").body, HasSubstr("evently_proxy_header_refused_total 1"));
}

TEST(ProxyProtocolStory, NeedsToKnowTheProxies) {
  const ScratchFolder folder;
  const CommandResult result = run_evently(
      {"serve", "--data-dir", folder / "data", "--listen", "127.0.0.1:0", "--proxy-protocol"});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.output, HasSubstr("--proxy-protocol needs --behind-proxy"));
}

}  // namespace
}  // namespace evently::testing
