#include "security/detection/detector.hpp"

#include "security/detection/address_range.hpp"

namespace evently::security {
namespace {

using observability::SecurityEvent;
using observability::SecurityEventType;

constexpr std::size_t kKeys = 8192;

RecentMarks table_for(AlertKind kind) { return {kKeys, rule_of(kind).window}; }

}  // namespace

Detector::Detector(DecoyLoginDigests decoy)
    : decoy_(std::move(decoy)),
      failures_(table_for(AlertKind::BruteForceDetected)),
      accounts_by_secret_(table_for(AlertKind::PasswordSpraying)),
      networks_by_account_(table_for(AlertKind::AccountTargeted)),
      networks_of_session_(table_for(AlertKind::TokenReplay)),
      missing_ids_(table_for(AlertKind::IdEnumeration)) {}

void Detector::mark(AlertKind kind, RecentMarks& table, const std::string& key, std::uint64_t mark,
                    TimePoint now, std::vector<Finding>& out) {
  if (key.empty()) return;
  if (table.add(hash_(key), mark, now) >= rule_of(kind).threshold) out.push_back({kind, key});
}

void Detector::sign_in_failed(const SecurityEvent& event, const std::string& network, TimePoint now,
                              std::vector<Finding>& out) {
  mark(AlertKind::BruteForceDetected, failures_, network, ++serial_, now, out);
  if (!event.account.empty()) {
    mark(AlertKind::PasswordSpraying, accounts_by_secret_, event.secret, hash_(event.account), now,
         out);
  }
  if (!network.empty()) {
    mark(AlertKind::AccountTargeted, networks_by_account_, event.account, hash_(network), now, out);
  }
}

bool Detector::is_decoy_login(const SecurityEvent& event) const {
  if (decoy_.account.empty()) return false;
  return event.account == decoy_.account || event.secret == decoy_.secret;
}

std::vector<Finding> Detector::take(const SecurityEvent& event, TimePoint now) {
  const auto range = network_of(event.client_address);
  const std::string network = range ? range->text() : "";
  std::vector<Finding> out = findings_of(event, network, now);
  for (Finding& finding : out) finding.network = network;
  return out;
}

std::vector<Finding> Detector::findings_of(const SecurityEvent& event, const std::string& network,
                                           TimePoint now) {
  std::vector<Finding> out;
  if (event.type == SecurityEventType::SignInFailed) sign_in_failed(event, network, now, out);
  if (is_decoy_login(event)) {
    out.push_back({AlertKind::HoneytokenTouched, std::string(kDecoyLogin)});
  }
  if (event.type == SecurityEventType::TokenMisuse && event.detail == kNetworkDetail) {
    mark(AlertKind::TokenReplay, networks_of_session_, event.secret, ++serial_, now, out);
  }
  if (event.type != SecurityEventType::SuspiciousRequest) return out;
  if (event.detail == kMissingIdDetail) {
    mark(AlertKind::IdEnumeration, missing_ids_, network, ++serial_, now, out);
  } else if (event.detail == kFloodDetail) {
    out.push_back({AlertKind::PossibleDdos, network});
  } else if (event.detail.starts_with(kDecoyDetail)) {
    out.push_back({AlertKind::HoneytokenTouched, event.detail.substr(kDecoyDetail.size())});
  }
  return out;
}

}  // namespace evently::security
