#pragma once

#include <atomic>
#include <filesystem>
#include <string>

#include "accounts/account_service.hpp"
#include "api_keys/key_usage.hpp"
#include "app/commands/store.hpp"
#include "app/rate_limits/sign_in_limits.hpp"
#include "base/clock.hpp"
#include "base/gathered_ids.hpp"
#include "bookings/booking_desk.hpp"
#include "browser/csp_report_routes.hpp"
#include "browser/guard.hpp"
#include "credentials/late_desk.hpp"
#include "events/event_snapshot.hpp"
#include "passwords/password_policy.hpp"
#include "platform/config/key_file.hpp"
#include "platform/crypto/hash_pool.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/json/cursor.hpp"
#include "platform/limits/limit_set.hpp"
#include "platform/mail/mail_queue.hpp"
#include "platform/observability/error_ring.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/observability/security_event.hpp"
#include "platform/postgres/signed_context.hpp"
#include "security/block_list.hpp"
#include "security/detection/event_queue.hpp"
#include "security/detection/request_meter.hpp"
#include "security/detection/session_networks.hpp"
#include "security/watch.hpp"

namespace evently::app {

/// How mail leaves: to a server, or into files without one.
struct MailSettings {
  std::string smtp_url;
  std::filesystem::path smtp_authorities;
  std::string from = "evently@localhost";
  std::filesystem::path folder = "mail";
};

/// What all workers share; every member is thread-safe. Built once, in this order, before the first
/// worker, and gone after the last.
struct SharedParts {
  SharedParts(const Store& store, const limits::TierSettings& tiers, const MailSettings& mail = {},
              security::WatchOptions watch = {});
  /// Keys that `evently keys rotate` made since the last call are known from here on. Called by one
  /// thread, about once a second; reads four small files at most.
  void take_rotated_keys();
  accounts::SignInParts sign_in_parts() {
    return {hasher,          hash_pool,   tokens,  signer, lookup_key,
            password_policy, &security(), nullptr, &late,  hold};
  }
  observability::SecuritySink& security() {
    if (detects) return observed;
    return unobserved;
  }

  SystemClock clock;
  observability::Metrics metrics;
  observability::ErrorRing errors;
  const security::WatchOptions detection;
  bool detects = true;  ///< set before the first worker
  security::EventQueue observed;
  observability::NullSecuritySink unobserved;
  security::BlockList blocks;
  crypto::PasswordHasher hasher;
  crypto::HashPool hash_pool;
  crypto::TokenKeys tokens;
  postgres::ContextSigner signer;
  std::string lookup_key;
  const accounts::HoldRule hold;
  mail::MailQueue mailer;
  GatheredIds sightings;                      ///< sessions seen since the last write
  passwords::PasswordPolicy password_policy;  ///< set before the first worker
  json::CursorCodec cursors;
  limits::LimitSet limits;
  OpenTries open_tries;
  DeviceMarks device_marks;
  security::RequestMeter meter;
  security::SessionNetworks session_networks;
  std::string decoy_key;  ///< an API key that opens nothing and is reported
  config::KeyWatch key_watch;
  crypto::KeyRing totp_keys;
  bool require_admin_mfa = false;  ///< set before the first worker
  browser::CsrfTokens csrf;
  browser::OwnOrigins origins;  ///< complete before the workers' threads start
  browser::Guard guard{tokens, csrf, origins, clock};
  browser::CspReportBudget csp_reports;
  api_keys::KeyUsage key_usage;
  events::EventSnapshot snapshot;
  bookings::BookingDesk desk;
  credentials::LateDesk late;
  std::atomic<bool> database_up{false};
  /// Workers that want the shared store, and how many of them have it.
  std::atomic<int> redis_wanted{0};
  std::atomic<int> redis_up{0};
  std::atomic<bool> draining{false};
};

}  // namespace evently::app
