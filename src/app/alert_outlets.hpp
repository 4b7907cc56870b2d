#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/commands/options.hpp"
#include "platform/mail/mailer.hpp"
#include "platform/webhook/webhook.hpp"
#include "security/alert_outlet.hpp"

namespace evently::app {

/// One mail for all alerts since the last one, a minute at least between two: the queue also
/// carries what people wait for.
class AlertMail final : public security::AlertOutlet {
 public:
  static constexpr std::chrono::minutes kEvery{1};
  static constexpr std::size_t kMostLines = 100;

  AlertMail(std::string to, mail::Mailer& mailer) : to_(std::move(to)), mailer_(mailer) {}
  void tell(const security::AlertNote& note, TimePoint now) override;
  void tick(TimePoint now) override;

 private:
  const std::string to_;
  mail::Mailer& mailer_;
  std::vector<std::string> lines_;
  std::int64_t left_out_ = 0;
  TimePoint sent_at_;
};

class AlertWebhook final : public security::AlertOutlet {
 public:
  explicit AlertWebhook(webhook::Webhook& webhook) : webhook_(webhook) {}
  void tell(const security::AlertNote& note, TimePoint) override { webhook_.post(to_json(note)); }
  void tick(TimePoint) override {}

 private:
  webhook::Webhook& webhook_;
};

/// What `options` say of receivers of alerts, checked; nothing where none is named. Throws
/// StartRefused.
struct AlertSettings {
  std::string mail_to;
  std::optional<webhook::WebhookOptions> webhook;
};
AlertSettings alert_settings(const ServeOptions& options);

/// The ways by which alerts leave, as settings say; to be added to the watch before it starts.
class AlertOutlets {
 public:
  AlertOutlets(const AlertSettings& settings, mail::Mailer& mailer, const Clock& clock,
               observability::Metrics& metrics);
  const std::vector<std::unique_ptr<security::AlertOutlet>>& all() const { return outlets_; }

 private:
  std::unique_ptr<webhook::Webhook> webhook_;
  std::vector<std::unique_ptr<security::AlertOutlet>> outlets_;
};

}  // namespace evently::app
