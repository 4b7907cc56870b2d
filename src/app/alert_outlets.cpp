#include "app/alert_outlets.hpp"

#include "platform/config/faults.hpp"
#include "platform/config/secret_file.hpp"
#include "platform/mail/message.hpp"

namespace evently::app {
namespace {

/// The file's first line.
std::string read_secret(const std::filesystem::path& file, config::ConfigFaults& faults) {
  const std::string option = "--alert-webhook-secret " + file.string();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    faults.add(option + " is not there");
    return "";
  }
  config::SecretText secret = config::read_secret_file(file);
  secret.text.erase(std::min(secret.text.find_first_of("\r\n"), secret.text.size()));
  if (!secret.fault.empty() && secret.fault != config::kBadSecret) {
    faults.add(option + ": " + secret.fault);
  } else if (secret.text.size() < webhook::kShortestSecret) {
    faults.add(option + " must hold 32 characters or more; openssl rand -hex 32 makes some");
  }
  return secret.text;
}

}  // namespace

void AlertMail::tell(const security::AlertNote& note, TimePoint) {
  left_out_ += note.left_out;
  if (lines_.size() < kMostLines) {
    lines_.push_back(to_line(note));
  } else {
    ++left_out_;
  }
}

void AlertMail::tick(TimePoint now) {
  if (lines_.empty() || now < sent_at_ + kEvery) return;
  mail::Mail mail;
  mail.to = to_;
  mail.subject = "Evently: " + std::to_string(lines_.size()) + " security alert" +
                 (lines_.size() == 1 ? "" : "s");
  for (const std::string& line : lines_) mail.body += line + "\n";
  if (left_out_ > 0) mail.body += std::to_string(left_out_) + " more were left out.\n";
  mail.body += "\nGET /api/v1/security/alerts has them all.\n";
  lines_.clear();
  left_out_ = 0;
  sent_at_ = now;
  mailer_.post(std::move(mail));
}

AlertSettings alert_settings(const ServeOptions& options) {
  AlertSettings settings;
  config::ConfigFaults faults;
  settings.mail_to = options.alert_mail;
  if (!options.alert_mail.empty() && !mail::is_plain_address(options.alert_mail)) {
    faults.add("--alert-mail is not an address");
  }
  if (options.alert_webhook.empty() != options.alert_webhook_secret.empty()) {
    faults.add("--alert-webhook and --alert-webhook-secret go together");
  } else if (!options.alert_webhook.empty()) {
    webhook::WebhookOptions webhook;
    webhook.url = options.alert_webhook;
    try {
      webhook::check_url(webhook.url);
    } catch (const std::invalid_argument& fault) {
      faults.add(std::string("--alert-webhook ") + fault.what());  // the URL may hold a secret
    }
    webhook.secret = read_secret(options.alert_webhook_secret, faults);
    settings.webhook = std::move(webhook);
  }
  faults.refuse_when_any();
  return settings;
}

AlertOutlets::AlertOutlets(const AlertSettings& settings, mail::Mailer& mailer, const Clock& clock,
                           observability::Metrics& metrics) {
  if (!settings.mail_to.empty()) {
    outlets_.push_back(std::make_unique<AlertMail>(settings.mail_to, mailer));
  }
  if (!settings.webhook) return;
  webhook_ = std::make_unique<webhook::Webhook>(*settings.webhook, clock, metrics);
  outlets_.push_back(std::make_unique<AlertWebhook>(*webhook_));
}

}  // namespace evently::app
