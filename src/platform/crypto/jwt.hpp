#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace evently::crypto {

/// What a token says: the original's claims, no other personal data.
struct Claims {
  Uuid user_id;
  std::string role;  ///< "user" or "admin"; a hint, decisions read live rows
  TimePoint issued_at;
  TimePoint expires_at;
  Uuid jti;  ///< the session
};

/// HS256 tokens. The issuer is the only verifier, so nothing of a token is interpreted before its
/// MAC holds: the header must equal, byte for byte, one of ours (there is no code for alg, jku,
/// x5u, crit …), and the payload has one spelling. source: RFC 8725 §3, designs.md §2.1
class TokenKeys {
 public:
  /// kid -> 32-byte key; new tokens are signed under `current`.
  TokenKeys(std::map<std::string, std::string> keys, std::string current);

  std::string issue(const Claims& claims) const;
  /// nullopt for every token that is not ours, whole and in time (30 s leeway).
  std::optional<Claims> verify(std::string_view token, TimePoint now) const;

 private:
  struct Key {
    std::string header;  ///< encoded
    std::string secret;
  };
  std::map<std::string, Key> keys_;
  std::string current_;
};

}  // namespace evently::crypto
