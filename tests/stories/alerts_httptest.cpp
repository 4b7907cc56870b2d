// Requirement J3: an attack on two nodes reaches the operator once, by mail and by a signed
// webhook, and a receiver that is dead costs nobody anything.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "platform/webhook/webhook.hpp"
#include "support/smtp_sink.hpp"
#include "support/two_nodes.hpp"
#include "support/webhook_receiver.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string kSecret = "an operator's secret of 39 characters..";

/// The tiers that count failures are off: what is tested are the alerts.
std::vector<std::string> with_tiers_off(std::vector<std::string> arguments) {
  for (const char* tier : {"auth", "login-pair", "login-account", "read", "global"}) {
    arguments.insert(arguments.end(), {"--limit", std::string(tier) + "=off"});
  }
  arguments.insert(arguments.end(), {"--behind-proxy", "127.0.0.0/8"});
  return arguments;
}

std::filesystem::path secret_file(const ScratchFolder& folder) {
  write_text(folder / "webhook.secret", kSecret + "\n");
  ::chmod((folder / "webhook.secret").c_str(), 0600);
  return folder / "webhook.secret";
}

void fail_sign_in(HttpClient& client, const std::string& address) {
  const Answer answer =
      client.post("/api/v1/auth/token", R"({"email":"x@example.org","password":"wrong"})",
                  {{"X-Forwarded-For", address}});
  ASSERT_TRUE(answer.status == 401 || answer.status == 403) << answer.body;
}

/// Verifies as docs/detection.md tells receivers to.
void expect_signed(const std::string& request) {
  const std::string signature = header_of(request, "Evently-Signature");
  ASSERT_TRUE(signature.starts_with("t=")) << request;
  const std::chrono::sys_seconds at(std::chrono::seconds(std::stoll(signature.substr(2))));
  EXPECT_EQ(signature, webhook::sign(kSecret, at, body_of_request(request)));
}

TEST(Alerts, OfTwoNodesReachMailAndWebhookOnce) {
  const ScratchFolder folder;
  const SmtpSink mailbox;
  const WebhookReceiver receiver({"HTTP/1.1 503 Later\r\nConnection: close\r\n\r\n"});
  write_text(folder / "evently.toml",
             "[serve]\nalert-mail = \"ops@example.org\"\nalert-webhook = \"" + receiver.url() +
                 "\"\nalert-webhook-secret = \"" + secret_file(folder).string() +
                 "\"\nsmtp-url = \"" + mailbox.url() + "\"\nmail-from = \"evently@example.org\"\n");
  const TwoNodes nodes(with_tiers_off({"--config", folder / "evently.toml"}));

  HttpClient first = nodes.first->client();
  HttpClient second = nodes.second->client();
  for (int i = 0; i < 8; ++i) {
    fail_sign_in(first, "203.0.113.5");
    fail_sign_in(second, "203.0.113.5");
  }
  const std::string decoy = "/api/v1/admin/backup";
  const Headers toucher{{"X-Forwarded-For", "203.0.113.77"}};
  EXPECT_EQ(first.get(decoy, toucher).status, 404);
  EXPECT_EQ(second.get(decoy, toucher).status, 404);

  // The refused attempt, its repetition, and the other alert, which the other node may have told.
  ASSERT_TRUE(receiver.wait_for(3));
  std::set<std::string> bodies;
  for (const std::string& request : receiver.requests()) {
    expect_signed(request);
    bodies.insert(body_of_request(request));
  }
  EXPECT_THAT(bodies,
              UnorderedElementsAre(
                  HasSubstr(R"("BRUTE_FORCE_DETECTED","state":"open","key":"203.0.113.5/32")"),
                  HasSubstr(R"("HONEYTOKEN_TOUCHED","state":"open","key":")" + decoy +
                            R"(","last_network":"203.0.113.77/32")")));

  const std::string mail = mailbox.message(1);
  EXPECT_EQ(mailbox.recipients(1), "ops@example.org");
  EXPECT_THAT(mail, HasSubstr("security alert"));
  EXPECT_THAT(body_of(mail), HasSubstr(" open: "));

  EXPECT_EQ(nodes.first->stop(), 0);
  EXPECT_EQ(nodes.second->stop(), 0);
  EXPECT_EQ(receiver.requests().size(), 3U) << "nothing twice";
  for (const auto& node : {nodes.first.get(), nodes.second.get()}) {
    EXPECT_THAT(node->output(), Not(HasSubstr(kSecret)));
    EXPECT_THAT(node->output(), Not(HasSubstr(receiver.url())));
  }
}

TEST(Alerts, ASilentReceiverHoldsUpNeitherRequestsNorTheEnd) {
  const ScratchFolder folder;
  const WebhookReceiver receiver(std::vector<std::string>(100, ""));
  ServerProcess server(with_tiers_off({"--alert-webhook", receiver.url(), "--alert-webhook-secret",
                                       secret_file(folder)}),
                       RateLimits::AsGiven);
  HttpClient client = server.client();
  for (int network = 0; network < 20; ++network) {
    for (int i = 0; i < 5; ++i) fail_sign_in(client, "203.0.113." + std::to_string(network));
  }
  ASSERT_TRUE(receiver.wait_for(1));
  const auto begun = Time::now();
  for (int i = 0; i < 50; ++i) ASSERT_EQ(client.get("/api/v1/events").status, 200);
  EXPECT_EQ(server.stop(), 0);
  EXPECT_LT(Time::now() - begun, 120s) << "twenty alerts of four attempts would take 800 s";
  EXPECT_THAT(server.output(), HasSubstr(R"("event":"webhook.lost","why":"the program ended")"));
}

}  // namespace
}  // namespace evently::testing
