#include "platform/crypto/password_hasher.hpp"

#include <sodium.h>

#include <charconv>
#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::crypto {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;

/// A stored hash: what libsodium reads, and the pepper's kid behind a '#' unless it is the first.
struct StoredHash {
  std::string phc;
  int pepper_kid = 1;
};

StoredHash split(const std::string& stored) {
  const std::size_t mark = stored.find('#');
  if (mark == std::string::npos) return {stored, 1};
  StoredHash hash{stored.substr(0, mark), 0};  // no pepper has the kid 0
  std::from_chars(stored.data() + mark + 1, stored.data() + stored.size(), hash.pepper_kid);
  return hash;
}

std::string peppered(const RingKey& pepper, std::string_view password) {
  return base64url_encode(hmac_sha256(pepper.secret, password));
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

PasswordHasher::PasswordHasher(KeyRing peppers, const Clock& clock)
    : peppers_(checked(std::move(peppers))), clock_(clock) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium did not start");
  decoy_ = hash(base64url_encode(random_bytes(32)));
}

PasswordHasher::PasswordHasher(std::string pepper_32_bytes)
    : PasswordHasher(ring_of(std::move(pepper_32_bytes)), system_clock()) {}

KeyRing PasswordHasher::checked(KeyRing peppers) {
  if (peppers.empty()) throw std::invalid_argument("no pepper");
  for (const RingKey& pepper : peppers) {
    if (pepper.secret.size() != 32) throw std::invalid_argument("the pepper must have 32 bytes");
  }
  return peppers;
}

std::string PasswordHasher::hash(std::string_view password) const {
  const RingKey pepper = current_key(peppers_.get(), clock_.now());  // a copy: this takes its time
  const std::string input = peppered(pepper, password);
  std::string phc(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(phc.data(), input.data(), input.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::runtime_error("Argon2id ran out of memory");
  }
  phc.resize(phc.find('\0'));
  return pepper.kid == 1 ? phc : phc + "#" + std::to_string(pepper.kid);
}

bool PasswordHasher::verify(const std::string& stored, std::string_view password) const {
  const StoredHash known = split(stored);
  const RingKey* pepper = find_key(peppers_.get(), known.pepper_kid, clock_.now());
  // A pepper that is gone verifies nothing, at the price of a verification.
  const std::string input =
      pepper != nullptr ? peppered(*pepper, password) : base64url_encode(random_bytes(32));
  return crypto_pwhash_str_verify(known.phc.c_str(), input.data(), input.size()) == 0;
}

bool PasswordHasher::needs_rehash(const std::string& stored) const {
  const StoredHash known = split(stored);
  return known.pepper_kid != current_key(peppers_.get(), clock_.now()).kid ||
         crypto_pwhash_str_needs_rehash(known.phc.c_str(), kPasses, kMemoryBytes) != 0;
}

}  // namespace evently::crypto
