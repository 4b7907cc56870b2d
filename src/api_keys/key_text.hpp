#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/uuid.hpp"

namespace evently::api_keys {

/// What a program sends as X-API-Key: `evk_<live|test>_<id>_<secret>_<crc>`, 32, 64 and 8
/// lower-case hexadecimal digits. The prefix lets scanners of public repositories find a lost key,
/// the checksum lets them, and us, tell one from a typo without asking the database.
struct KeyText {
  Uuid id;             ///< public; also the id of the key's session row
  std::string secret;  ///< 32 bytes
};

/// A key with a fresh secret. `live`: the server has HTTPS in front.
std::string write_key(const KeyText& key, bool live);
KeyText make_key(const Uuid& id);
std::optional<KeyText> read_key(std::string_view text);

/// What is kept of a secret of 256 random bits: nobody can guess it, so it needs no slow hash.
std::string hash_secret(std::string_view secret);

}  // namespace evently::api_keys
