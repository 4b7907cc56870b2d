#pragma once

#include <string>
#include <string_view>

namespace evently::crypto {

/// HMAC-SHA256: 32 raw bytes. source: RFC 2104, FIPS 180-4 (OpenSSL)
std::string hmac_sha256(std::string_view key, std::string_view message);
/// SHA-256: 32 raw bytes.
std::string sha256(std::string_view message);
std::string to_hex(std::string_view bytes);
/// Equal content in a time that depends on the length only.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace evently::crypto
