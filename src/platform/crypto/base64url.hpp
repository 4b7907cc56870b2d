#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace evently::crypto {

/// RFC 4648 §5 without padding.
std::string base64url_encode(std::string_view bytes);
/// Canonical text only: no padding, no white space, no spare bits set; nullopt otherwise.
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace evently::crypto
