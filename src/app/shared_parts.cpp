#include "app/shared_parts.hpp"

#include <algorithm>
#include <thread>

#include "platform/crypto/hmac.hpp"
#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

/// One hashing thread for two cores (style.md's machine): 40 ms a hash, so 32 waiting are ~1.3 s.
std::size_t hash_threads() {
  return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2);
}
constexpr std::size_t kMaxHashesWaiting = 32;

std::unique_ptr<mail::Carrier> carrier_of(const MailSettings& settings) {
  return settings.smtp_url.empty()
             ? mail::make_file_carrier(settings.folder)
             : mail::make_smtp_carrier(settings.smtp_url, settings.smtp_authorities);
}

/// The decoy's digests, as sign-ins report theirs.
security::WatchOptions with_decoy(security::WatchOptions watch, const Store& store) {
  const std::string key = store.secrets().key("lookup.key");
  const DecoyLogin login = store.decoy_login();
  const auto event =
      accounts::sign_in_event(key, accounts::email_lookup(key, login.email), login.password, false);
  watch.decoy_login = {event.account, event.secret};
  return watch;
}

/// Tiers that PostgreSQL counts.
template <class Rule>
Rule rule_from(const limits::TierSettings& tiers, limits::Tier tier) {
  const limits::TierSetting& setting = tiers[static_cast<std::size_t>(tier)];
  Rule rule{std::nullopt, static_cast<std::int32_t>(setting.seconds)};
  if (setting.is_on) rule.most = static_cast<std::int32_t>(setting.quota);
  return rule;
}

}  // namespace

SharedParts::SharedParts(const Store& store, const limits::TierSettings& tiers,
                         const MailSettings& mail, security::WatchOptions watch)
    : detection(with_decoy(std::move(watch), store)),
      hasher(store.secrets().ring("password.pepper"), clock),
      hash_pool(hash_threads(), kMaxHashesWaiting),
      tokens(store.secrets().ring("jwt.key")),
      signer(store.secrets().ring("context.key"), clock),
      lookup_key(store.secrets().key("lookup.key")),
      hold(rule_from<accounts::HoldRule>(tiers, limits::Tier::LoginAccount)),
      mailer({mail.from}, carrier_of(mail), clock, metrics),
      cursors(store.secrets().ring("cursor.key"), clock),
      limits(tiers, crypto::hmac_sha256(lookup_key, "limits|v1")),
      device_marks(crypto::hmac_sha256(lookup_key, "device|v1")),
      meter(crypto::hmac_sha256(lookup_key, "meter|v1"),
            static_cast<std::uint32_t>(rule_of(security::AlertKind::PossibleDdos).threshold)),
      session_networks(crypto::hmac_sha256(lookup_key, "session-networks|v1")),
      decoy_key(store.decoy_key()),
      key_watch(store.secrets().folder()),
      totp_keys(store.secrets().ring("totp.key")),
      csrf(store.secrets().key("csrf.key")),
      desk(store.conninfo("application_user"), metrics),
      late(store.conninfo("application_auth"), signer, mailer, metrics,
           rule_from<credentials::MailRule>(tiers, limits::Tier::Reset),
           rule_from<credentials::MailRule>(tiers, limits::Tier::Resend)) {}

void SharedParts::take_rotated_keys() {
  for (const auto& change : key_watch.changes()) {
    if (!change.fault.empty()) {
      observability::log(observability::Level::Error, "keys.unreadable",
                         {{"why", std::string_view(change.fault)}});
      continue;
    }
    if (change.file == "jwt.key") tokens.replace(change.ring);
    if (change.file == "context.key") signer.replace(change.ring);
    if (change.file == "cursor.key") cursors.replace(change.ring);
    if (change.file == "password.pepper") hasher.replace(change.ring);
    observability::log(
        observability::Level::Info, "keys.read",
        {{"file", change.file}, {"newest_kid", static_cast<std::int64_t>(change.ring.back().kid)}});
  }
}

}  // namespace evently::app
