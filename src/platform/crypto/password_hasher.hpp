#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/latest.hpp"
#include "platform/crypto/key_ring.hpp"

namespace evently::crypto {

/// Argon2id, m = 19 MiB, t = 2, p = 1 (OWASP Password Storage), over HMAC-SHA256(pepper, password):
/// every character counts whatever the length, and a dump without the pepper verifies nothing.
/// About 40 ms of one core a call; run it in a HashPool. Thread-safe.
class PasswordHasher {
 public:
  PasswordHasher(KeyRing peppers, const Clock& clock);
  explicit PasswordHasher(std::string pepper_32_bytes);
  /// From now on these peppers, after a rotation.
  void replace(KeyRing peppers) { peppers_.replace(checked(std::move(peppers))); }

  /// PHC string, fresh salt. A pepper other than the first is named behind it: `$argon2id$…#2`.
  std::string hash(std::string_view password) const;
  bool verify(const std::string& phc, std::string_view password) const;
  /// True when the hash was made with other parameters than today's, or another pepper.
  bool needs_rehash(const std::string& phc) const;
  /// A hash nobody has the password of: unknown accounts cost the same time.
  const std::string& decoy() const { return decoy_; }

 private:
  static KeyRing checked(KeyRing peppers);

  Latest<KeyRing> peppers_;
  const Clock& clock_;
  std::string decoy_;
};

}  // namespace evently::crypto
