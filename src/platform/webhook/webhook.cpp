#include "platform/webhook/webhook.hpp"

#include <stdexcept>

#include "platform/crypto/hmac.hpp"
#include "platform/observability/log.hpp"
#include "platform/webhook/attempt.hpp"

namespace evently::webhook {
namespace {

WebhookOptions checked(WebhookOptions options) {
  check_url(options.url);
  if (options.secret.size() < kShortestSecret) {
    throw std::invalid_argument("its secret must have 32 bytes or more");
  }
  return options;
}

outgoing::OutgoingQueue::Outcomes outcomes(observability::Metrics& metrics) {
  return {[&metrics] { metrics.count("evently_webhook_sent_total"); },
          [&metrics](std::string_view why, std::size_t count) {
            metrics.count("evently_webhook_lost_total", static_cast<double>(count));
            observability::log(observability::Level::Error, "webhook.lost", {{"why", why}});
          }};
}

}  // namespace

std::string sign(std::string_view secret, std::chrono::sys_seconds time, std::string_view body) {
  const std::string seconds = std::to_string(time.time_since_epoch().count());
  const std::string mac = crypto::hmac_sha256(secret, seconds + "." + std::string(body));
  return "t=" + seconds + ",v1=" + crypto::to_hex(mac);
}

Webhook::Webhook(WebhookOptions options, const Clock& clock, observability::Metrics& metrics)
    : options_(checked(std::move(options))),
      clock_(clock),
      queue_({options_.max_waiting, options_.attempts, options_.first_pause}, outcomes(metrics)) {}

/// Signed anew at each attempt: a receiver refuses old times.
bool Webhook::post(std::string json) {
  return queue_.post([this, body = std::move(json)](const std::stop_token& stop) {
    const auto now = std::chrono::floor<std::chrono::seconds>(clock_.now());
    const std::string signature = sign(options_.secret, now, body);
    return attempt(options_.url, signature, body, options_.timeout, stop);
  });
}

}  // namespace evently::webhook
