#pragma once

#include <array>
#include <chrono>
#include <string_view>

namespace evently::security {

/// What is watched for. The names are public API: add, never rename.
enum class AlertKind {
  BruteForceDetected,
  PossibleDdos,
  PasswordSpraying,
  AccountTargeted,
  TokenReplay,
  IdEnumeration,
  HoneytokenTouched,
};

/// `threshold` (different) things under one key within `window` raise the alert.
struct Rule {
  AlertKind kind;
  std::string_view name;
  std::string_view key;     ///< whose count it is
  std::string_view counts;  ///< what is counted
  int threshold;
  std::chrono::seconds window;
};

/// The one table of thresholds; docs/detection.md shows it, and a test compares the two.
inline constexpr std::array<Rule, 7> kRules{{
    {AlertKind::BruteForceDetected, "BRUTE_FORCE_DETECTED", "network", "failed sign-ins", 5,
     std::chrono::minutes(15)},
    {AlertKind::PossibleDdos, "POSSIBLE_DDOS", "network", "requests", 1000,
     std::chrono::minutes(1)},
    {AlertKind::PasswordSpraying, "PASSWORD_SPRAYING", "password tried", "different accounts", 10,
     std::chrono::minutes(60)},
    {AlertKind::AccountTargeted, "ACCOUNT_TARGETED", "account", "different networks that fail", 10,
     std::chrono::minutes(60)},
    {AlertKind::TokenReplay, "TOKEN_REPLAY", "session", "changes of network", 2,
     std::chrono::minutes(5)},
    {AlertKind::IdEnumeration, "ID_ENUMERATION", "network", "ids that are not there", 30,
     std::chrono::minutes(5)},
    {AlertKind::HoneytokenTouched, "HONEYTOKEN_TOUCHED", "decoy", "touches", 1,
     std::chrono::minutes(15)},
}};

/// There are few decoys: what is bounded against floods need not leave them out.
constexpr bool is_decoy(AlertKind kind) { return kind == AlertKind::HoneytokenTouched; }
constexpr const Rule& rule_of(AlertKind kind) { return kRules[static_cast<std::size_t>(kind)]; }

/// An alert closes after this time without its threshold being reached again.
constexpr std::chrono::minutes kQuiet{15};
/// How long the network of BRUTE_FORCE_DETECTED stays out.
constexpr std::chrono::hours kBlockFor{1};

// Details of SecurityEvents that producers and detector agree on.
inline constexpr std::string_view kDecoyDetail = "decoy:";            ///< and the decoy's name
inline constexpr std::string_view kDecoyLogin = "service_login";      ///< a decoy's name
inline constexpr std::string_view kDecoyRow = "core.service_logins";  ///< a decoy's name
inline constexpr std::string_view kMissingIdDetail = "missing_id";    ///< 404 of a route with an id
inline constexpr std::string_view kNetworkDetail = "other_network";
inline constexpr std::string_view kFloodDetail = "flood";

}  // namespace evently::security
