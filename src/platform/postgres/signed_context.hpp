#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/latest.hpp"
#include "base/uuid.hpp"
#include "platform/crypto/key_ring.hpp"

namespace evently::postgres {

/// Who acts, proved to PostgreSQL. Anonymous acts (sign-in, registration) have nil ids.
struct Actor {
  Uuid user_id;
  Uuid session_id;
  std::string request_id;      ///< 8..64 of [A-Za-z0-9._-]
  std::string client_address;  ///< IP literal
};

/// Makes the credential `sec.uid()` checks: `1|kid|uid|sid|request_id|exp|ip|mac`, mac = hex
/// HMAC-SHA256 over everything before the last bar. A nil id is the empty string; exp is Unix
/// seconds. source: designs.md §2.3. Thread-safe, ~2 µs.
class ContextSigner {
 public:
  /// The database must have the ring (provision_context_keys) before a key of it is current.
  ContextSigner(crypto::KeyRing ring, const Clock& clock);
  ContextSigner(int key_id, std::string key_32_bytes, const Clock& clock);
  /// From now on these keys, after a rotation.
  void replace(crypto::KeyRing ring) { ring_.replace(checked(std::move(ring))); }
  std::string sign(const Actor& actor,
                   std::chrono::seconds valid_for = std::chrono::seconds(30)) const;

 private:
  static crypto::KeyRing checked(crypto::KeyRing ring);

  Latest<crypto::KeyRing> ring_;
  const Clock& clock_;
};

}  // namespace evently::postgres
