#pragma once

#include <cstddef>
#include <string>

namespace evently::crypto {

/// Bytes from OpenSSL's CSPRNG.
std::string random_bytes(std::size_t count);

/// base64url of `bytes` random bytes: 32 for a secret nobody can guess.
std::string random_token(std::size_t bytes);

}  // namespace evently::crypto
