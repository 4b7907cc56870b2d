#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/latest.hpp"
#include "base/uuid.hpp"
#include "platform/crypto/key_ring.hpp"

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
/// x5u, crit …), and the payload has one spelling. Thread-safe. source: RFC 8725 §3, designs.md
/// §2.1
class TokenKeys {
 public:
  explicit TokenKeys(const KeyRing& ring) : keys_(prepared(ring)) {}
  /// From now on these keys, after a rotation.
  void replace(const KeyRing& ring) { keys_.replace(prepared(ring)); }

  /// Signed by the key that is current at `issued_at`.
  std::string issue(const Claims& claims) const;
  /// nullopt for every token that is not ours, whole and in time (30 s leeway).
  std::optional<Claims> verify(std::string_view token, TimePoint now) const;

 private:
  struct Keys {
    KeyRing ring;
    std::vector<std::string> headers;  ///< encoded, one a key
  };
  static Keys prepared(const KeyRing& ring);

  Latest<Keys> keys_;
};

}  // namespace evently::crypto
