#include "platform/mail/mail_queue.hpp"

#include <stdexcept>

#include "base/uuid.hpp"
#include "platform/mail/message.hpp"
#include "platform/observability/log.hpp"

namespace evently::mail {
namespace {

std::string checked(std::string from) {
  if (!is_plain_address(from)) throw std::invalid_argument("mail cannot come from " + from);
  return from;
}

outgoing::OutgoingQueue::Outcomes outcomes(observability::Metrics& metrics) {
  return {[&metrics] { metrics.count("evently_mail_sent_total"); },
          [&metrics](std::string_view why, std::size_t count) {
            metrics.count("evently_mail_lost_total", static_cast<double>(count));
            observability::log(observability::Level::Error, "mail.lost", {{"why", why}});
          }};
}

}  // namespace

MailQueue::MailQueue(QueueOptions options, std::unique_ptr<Carrier> carrier, const Clock& clock,
                     observability::Metrics& metrics)
    : from_(checked(std::move(options.from))),
      carrier_(std::move(carrier)),
      clock_(clock),
      queue_({options.max_waiting, options.attempts, options.first_pause}, outcomes(metrics)) {}

bool MailQueue::post(Mail mail) {
  return queue_.post(
      [this, mail = std::move(mail), id = to_string(make_uuid_v7()),
       written = clock_.now()](const std::stop_token&) { return carry(mail, id, written); });
}

/// The same message, by its Message-ID, at every attempt: a server that took it twice can tell.
outgoing::Attempt MailQueue::carry(const Mail& mail, const std::string& id, TimePoint written) {
  try {
    const std::string host = from_.substr(from_.rfind('@') + 1);
    const std::string message = compose(mail, from_, id + "@" + host, written);
    return {carrier_->carry(id, from_, mail.to, message)};
  } catch (const std::invalid_argument& fault) {
    return {fault.what(), true};
  }
}

}  // namespace evently::mail
