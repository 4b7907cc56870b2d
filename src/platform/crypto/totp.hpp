#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace evently::crypto {

/// RFC 6238 with what every authenticator app knows: HMAC-SHA-1, 6 digits, 30 s.
inline constexpr std::size_t kTotpSecretBytes = 20;  // RFC 4226 §4: 160 bits

/// The time step a moment lies in.
std::int64_t totp_step(TimePoint time);
/// The code of a step; `digits` 6 to 8 (the RFC's vectors have 8).
std::string totp_code(std::string_view secret, std::int64_t step, int digits = 6);
/// The step whose code this is, of the one now and its two neighbours; nullopt. Every step is
/// compared in constant time. Whether a step was used before is for the caller to decide.
std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code,
                                       TimePoint now);

/// RFC 4648 §6 without padding, in capitals.
std::string base32_encode(std::string_view bytes);

}  // namespace evently::crypto
