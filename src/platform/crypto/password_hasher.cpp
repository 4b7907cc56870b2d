#include "platform/crypto/password_hasher.hpp"

#include <sodium.h>

#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::crypto {
namespace {

constexpr unsigned long long kPasses = 2;
constexpr std::size_t kMemoryBytes = 19 * 1024 * 1024;

}  // namespace

PasswordHasher::PasswordHasher(std::string pepper_32_bytes) : pepper_(std::move(pepper_32_bytes)) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium did not start");
  if (pepper_.size() != 32) throw std::invalid_argument("the pepper must have 32 bytes");
  decoy_ = hash(base64url_encode(random_bytes(32)));
}

std::string PasswordHasher::peppered(std::string_view password) const {
  return base64url_encode(hmac_sha256(pepper_, password));
}

std::string PasswordHasher::hash(std::string_view password) const {
  const std::string input = peppered(password);
  std::string phc(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str_alg(phc.data(), input.data(), input.size(), kPasses, kMemoryBytes,
                            crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::runtime_error("Argon2id ran out of memory");
  }
  phc.resize(phc.find('\0'));
  return phc;
}

bool PasswordHasher::verify(const std::string& phc, std::string_view password) const {
  const std::string input = peppered(password);
  return crypto_pwhash_str_verify(phc.c_str(), input.data(), input.size()) == 0;
}

bool PasswordHasher::needs_rehash(const std::string& phc) const {
  return crypto_pwhash_str_needs_rehash(phc.c_str(), kPasses, kMemoryBytes) != 0;
}

}  // namespace evently::crypto
