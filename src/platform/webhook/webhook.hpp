#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/outgoing/outgoing_queue.hpp"

namespace evently::webhook {

struct WebhookOptions {
  std::string url;                              ///< check_url()
  std::string secret;                           ///< kShortestSecret bytes or more
  std::size_t max_waiting = 256;                ///< documents; beyond it new ones are refused
  int attempts = 4;                             ///< of one document; then it is given up
  std::chrono::milliseconds first_pause{1000};  ///< between attempts, four times longer each time
  std::chrono::milliseconds timeout{5000};      ///< of one attempt, connecting included
};

inline constexpr std::size_t kShortestSecret = 32;

/// Posts JSON documents to one receiver from a thread of its own, in order. A receiver that is
/// slow, silent or hostile costs that thread its time, and nobody else's. Answers are not read but
/// for their status: 2xx is delivered; 408, 425, 429 and 5xx are tried again, as is no answer; all
/// else is given up at once. Redirects are not followed: the URL is the operator's word. In memory:
/// what waits when the program ends is lost. Losses are counted and logged, without the URL, which
/// often holds a secret. Thread-safe.
///
///   Evently-Signature: t=1764061200,v1=hex(HMAC-SHA256(secret, "1764061200." body))
class Webhook {
 public:
  /// Throws std::invalid_argument when the URL or the secret is none.
  Webhook(WebhookOptions options, const Clock& clock, observability::Metrics& metrics);

  /// Never waits. False when there was no room: the document is lost, counted and logged.
  bool post(std::string json);

 private:
  const WebhookOptions options_;
  const Clock& clock_;
  outgoing::OutgoingQueue queue_;  ///< last: its thread uses the others
};

/// Throws std::invalid_argument for what is not https://, or http:// to this machine, and for a URL
/// with a user or a password, which logs and lists of processes would show.
void check_url(const std::string& url);

/// Value of the header Evently-Signature; `time` in seconds since 1970.
std::string sign(std::string_view secret, std::chrono::sys_seconds time, std::string_view body);

}  // namespace evently::webhook
