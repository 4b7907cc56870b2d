#pragma once

#include <string>
#include <string_view>

namespace evently::crypto {

/// Argon2id, m = 19 MiB, t = 2, p = 1 (OWASP Password Storage), over HMAC-SHA256(pepper, password):
/// every character counts whatever the length, and a dump without the pepper verifies nothing.
/// About 40 ms of one core a call; run it in a HashPool. Thread-safe.
class PasswordHasher {
 public:
  explicit PasswordHasher(std::string pepper_32_bytes);

  /// PHC string, fresh salt.
  std::string hash(std::string_view password) const;
  bool verify(const std::string& phc, std::string_view password) const;
  /// True when the hash was made with other parameters than today's.
  bool needs_rehash(const std::string& phc) const;
  /// A hash nobody has the password of: unknown accounts cost the same time.
  const std::string& decoy() const { return decoy_; }

 private:
  std::string peppered(std::string_view password) const;

  std::string pepper_;
  std::string decoy_;
};

}  // namespace evently::crypto
