// Requirement J3: documents reach a receiver signed, and no receiver can hold anything up.
#include "platform/webhook/webhook.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <functional>

#include "platform/crypto/hmac.hpp"
#include "support/webhook_receiver.hpp"

namespace evently::webhook {
namespace {

using ::testing::HasSubstr;
using testing::WebhookReceiver;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

const std::string kSecret = "0123456789abcdef0123456789abcdef";

std::string answer(const std::string& status, const std::string& more = "") {
  return "HTTP/1.1 " + status + " x\r\nConnection: close\r\n" + more + "\r\n";
}

class WebhookTest : public ::testing::Test {
 protected:
  std::unique_ptr<Webhook> webhook(const std::string& url,
                                   std::chrono::milliseconds timeout = 5000ms,
                                   std::chrono::milliseconds pause = 2ms) {
    return std::make_unique<Webhook>(WebhookOptions{url, kSecret, 8, 3, pause, timeout}, clock,
                                     metrics);
  }
  bool soon(const std::string& metric_line) {
    for (const auto limit = Time::now() + 20s; Time::now() < limit; ::poll(nullptr, 0, 5)) {
      if (metrics.render().find("\nevently_webhook_" + metric_line + "\n") != std::string::npos) {
        return true;
      }
    }
    return false;
  }

  SystemClock clock;
  observability::Metrics metrics;
};

TEST(WebhookSignature, IsHmacSha256OverTimeAndBody) {
  // printf '%s' '1764061200.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
  EXPECT_EQ(sign(kSecret, std::chrono::sys_seconds(1764061200s), R"({"a":1})"),
            "t=1764061200,v1=6dbb3f80408cd6f9363197397fd62d93fbb8c7756de0903cf5cf91513b217657");
}

TEST_F(WebhookTest, ArrivesSignedByTheTimeOfTheAttempt) {
  const WebhookReceiver receiver;
  const auto hook = webhook(receiver.url());
  ASSERT_TRUE(hook->post(R"({"kind":"X"})"));
  ASSERT_TRUE(soon("sent_total 1"));
  const std::string request = receiver.requests().at(0);
  EXPECT_TRUE(request.starts_with("POST /hook HTTP/1.1\r\n")) << request;
  EXPECT_EQ(testing::header_of(request, "Content-Type"), "application/json");
  EXPECT_EQ(testing::body_of_request(request), R"({"kind":"X"})");
  const std::string signature = testing::header_of(request, "Evently-Signature");
  const std::chrono::sys_seconds at(
      std::chrono::seconds(std::stoll(signature.substr(signature.find("t=") + 2))));
  EXPECT_EQ(signature, sign(kSecret, at, R"({"kind":"X"})"));
  EXPECT_LT(std::chrono::abs(clock.now() - at), 60s);
  EXPECT_THAT(request, ::testing::Not(HasSubstr(kSecret)));
}

TEST_F(WebhookTest, IsTriedAgainThreeTimesInAllThenLetGo) {
  const WebhookReceiver receiver({answer("500"), "garbage\r\n", answer("200"), answer("503"),
                                  answer("429"), answer("500"), answer("204")});
  const auto hook = webhook(receiver.url());
  for (const char* body : {R"({"n":1})", R"({"n":2})", R"({"n":3})"}) hook->post(body);
  ASSERT_TRUE(soon("sent_total 2"));
  EXPECT_TRUE(soon("lost_total 1"));
  const auto requests = receiver.requests();
  ASSERT_EQ(requests.size(), 7U);
  EXPECT_EQ(testing::body_of_request(requests[2]), R"({"n":1})");
  EXPECT_EQ(testing::body_of_request(requests[5]), R"({"n":2})");
  EXPECT_EQ(testing::body_of_request(requests[6]), R"({"n":3})");
}

TEST_F(WebhookTest, ARefusalIsNotTriedAgainAndARedirectNotFollowed) {
  const WebhookReceiver elsewhere;
  const WebhookReceiver receiver(
      {answer("302", "Location: " + elsewhere.url() + "\r\n"), answer("410"), answer("204")});
  const auto hook = webhook(receiver.url());
  for (int i = 0; i < 3; ++i) hook->post("{}");
  ASSERT_TRUE(soon("sent_total 1"));
  EXPECT_TRUE(soon("lost_total 2"));
  EXPECT_EQ(receiver.requests().size(), 3U);
  EXPECT_TRUE(elsewhere.requests().empty());
}

TEST_F(WebhookTest, AnEndlessAnswerIsCutAndCountsByItsStatus) {
  const WebhookReceiver receiver({answer("200") + std::string(1'000'000, 'x')});
  const auto hook = webhook(receiver.url());
  hook->post("{}");
  EXPECT_TRUE(soon("sent_total 1"));
  EXPECT_EQ(receiver.requests().size(), 1U);
}

TEST_F(WebhookTest, SilenceCostsATimeoutAndTheQueueIsBounded) {
  const WebhookReceiver receiver({"", "", ""});
  const auto hook = webhook(receiver.url(), 150ms);
  int refused = 0;
  const auto begun = Time::now();
  for (int i = 0; i < 50; ++i) refused += hook->post("{}") ? 0 : 1;
  EXPECT_LT(Time::now() - begun, 5s) << "posting waits for nobody";
  EXPECT_GE(refused, 50 - 9);  // eight wait, one may be on its way
  EXPECT_TRUE(receiver.wait_for(4)) << "after three silent attempts the next one's turn comes";
}

TEST_F(WebhookTest, EndsWhileAReceiverIsSilent) {
  const WebhookReceiver receiver({"", "", ""});
  auto hook = webhook(receiver.url(), 60'000ms, 60'000ms);
  hook->post("{}");
  hook->post("{}");
  ASSERT_TRUE(receiver.wait_for(1));
  const auto begun = Time::now();
  hook.reset();
  EXPECT_LT(Time::now() - begun, 20s);
  EXPECT_TRUE(soon("lost_total 2")) << "both are counted";
}

TEST(WebhookUrl, IsHttpsOrThisMachine) {
  for (const char* good : {"https://example.org/x?token=1", "https://[2001:db8::1]:8443/",
                           "http://127.0.0.1:9/", "http://localhost/x", "http://[::1]:80/"}) {
    EXPECT_NO_THROW(check_url(good)) << good;
  }
  for (const char* bad :
       {"", "example.org", "http://example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/",
        "file:///etc/passwd", "https://", "https://u:p@example.org/", "https://u@example.org/",
        "http://127.0.0.1@example.org/", "http://localhost.example.org/", "http://127.example.org/",
        "https://example.org/a b"}) {
    EXPECT_THROW(check_url(bad), std::invalid_argument) << bad;
  }
  SystemClock clock;
  observability::Metrics metrics;
  EXPECT_THROW(Webhook({"https://example.org/", "short"}, clock, metrics), std::invalid_argument);
}

}  // namespace
}  // namespace evently::webhook
