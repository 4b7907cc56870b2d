#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/uuid.hpp"

namespace evently::observability {

/// The catalogue of what the program observes about its own safety. Names are public API (metrics,
/// events, alerts): add, never rename.
enum class SecurityEventType : std::uint8_t {
  SignInSucceeded,
  SignInFailed,
  SignInBlocked,      ///< a limit or a block answered before the password was looked at
  PermissionDenied,   ///< 403 for a missing permission
  AdminAction,        ///< a mutation under an administrator's permission
  LimitExceeded,      ///< 429
  SuspiciousRequest,  ///< ambiguous framing, cookie tossing, a decoy touched, ids tried in a row
  SensitiveRead,      ///< somebody else's personal data, the audit trail
  BulkExport,
  TokenMisuse,  ///< forged, expired, revoked, or replayed from another network
  CsrfFailed,
};

struct SecurityEvent {
  SecurityEventType type = SecurityEventType::SuspiciousRequest;
  std::string client_address;   ///< IP literal; empty when there is none
  std::optional<Uuid> user_id;  ///< of the person whose account it is about, when known
  std::string account;          ///< sign-ins: hex of the address's blind index, known or not
  std::string secret;           ///< sign-ins: hex of a keyed digest of the password tried
  std::string request_id;
  std::string detail;  ///< short, of our own words: a tier, a permission, a decoy's name
};

/// Where observations go. Thread-safe, never blocks, never throws, bounded: what it has no room for
/// is counted.
class SecuritySink {
 public:
  virtual ~SecuritySink() = default;
  virtual void observe(SecurityEvent event) noexcept = 0;
};

/// For tests and commands without a detector.
class NullSecuritySink final : public SecuritySink {
 public:
  void observe(SecurityEvent) noexcept override {}
};

}  // namespace evently::observability
