#pragma once

#include <array>
#include <string_view>

#include "platform/observability/security_event.hpp"

namespace evently::security {

/// The catalogue's names, as the API, the tables and the metrics have them.
inline constexpr std::array<std::string_view, 11> kEventNames{
    "sign_in_succeeded", "sign_in_failed", "sign_in_blocked",    "permission_denied",
    "admin_action",      "limit_exceeded", "suspicious_request", "sensitive_read",
    "bulk_export",       "token_misuse",   "csrf_failed"};

constexpr std::string_view name_of(observability::SecurityEventType type) {
  return kEventNames[static_cast<std::size_t>(type)];
}

}  // namespace evently::security
