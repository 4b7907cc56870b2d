#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "platform/mail/carrier.hpp"
#include "platform/mail/mailer.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/outgoing/outgoing_queue.hpp"

namespace evently::mail {

struct QueueOptions {
  std::string from;
  std::size_t max_waiting = 1'000;               ///< beyond it new mail is refused: ~1 MB
  int attempts = 4;                              ///< of one mail; then it is given up
  std::chrono::milliseconds first_pause{1'000};  ///< between attempts, four times longer each time
};

/// One thread that brings mail away, so that no request ever waits for a mail server. In memory:
/// what waits when the program ends is lost, and so is what four attempts in about 21 s could not
/// deliver. Either is counted (evently_mail_lost_total) and logged. Bearers of secrets (reset
/// codes) therefore are nowhere at rest; people ask for another.
class MailQueue final : public Mailer {
 public:
  /// Throws std::invalid_argument when `options.from` is no plain address.
  MailQueue(QueueOptions options, std::unique_ptr<Carrier> carrier, const Clock& clock,
            observability::Metrics& metrics);

  bool post(Mail mail) override;

 private:
  outgoing::Attempt carry(const Mail& mail, const std::string& id, TimePoint written);

  const std::string from_;
  const std::unique_ptr<Carrier> carrier_;
  const Clock& clock_;
  outgoing::OutgoingQueue queue_;  ///< last: its thread uses the others
};

}  // namespace evently::mail
