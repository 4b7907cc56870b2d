#include "platform/crypto/sealed_box.hpp"

#include <sodium.h>

#include <stdexcept>

#include "platform/crypto/random.hpp"

namespace evently::crypto {
namespace {

constexpr char kFormat = 0x01;
constexpr std::size_t kHead = 5;
constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

void check(const RingKey& key) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium did not start");
  if (key.secret.size() != crypto_aead_xchacha20poly1305_ietf_KEYBYTES) {
    throw std::invalid_argument("a sealing key must have 32 bytes");
  }
}

int kid_of(std::string_view sealed) {
  int kid = 0;
  for (std::size_t i = 1; i < kHead; ++i) kid = kid * 256 + static_cast<unsigned char>(sealed[i]);
  return kid;
}

}  // namespace

std::string seal(const RingKey& key, std::string_view place, std::string_view plain) {
  check(key);
  std::string sealed(1, kFormat);
  for (int shift = 24; shift >= 0; shift -= 8) {
    sealed += static_cast<char>(static_cast<unsigned>(key.kid) >> shift & 0xff);
  }
  const std::string nonce = random_bytes(kNonce);
  sealed += nonce;
  const std::size_t head = sealed.size();
  sealed.resize(head + plain.size() + kTag);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(sealed.data() + head), nullptr, bytes(plain), plain.size(),
      bytes(place), place.size(), nullptr, bytes(nonce), bytes(key.secret));
  return sealed;
}

std::optional<std::string> open_sealed(const KeyRing& ring, std::string_view place,
                                       std::string_view sealed, TimePoint now) {
  if (sealed.size() < kHead + kNonce + kTag || sealed[0] != kFormat) return std::nullopt;
  const RingKey* key = find_key(ring, kid_of(sealed), now);
  if (key == nullptr) return std::nullopt;
  check(*key);
  const std::string_view nonce = sealed.substr(kHead, kNonce);
  const std::string_view cipher = sealed.substr(kHead + kNonce);
  std::string plain(cipher.size() - kTag, '\0');
  const int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(
      reinterpret_cast<unsigned char*>(plain.data()), nullptr, nullptr, bytes(cipher),
      cipher.size(), bytes(place), place.size(), bytes(nonce), bytes(key->secret));
  if (failed != 0) return std::nullopt;
  return plain;
}

}  // namespace evently::crypto
