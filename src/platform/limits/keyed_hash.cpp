#include "platform/limits/keyed_hash.hpp"

#include <bit>
#include <cstring>
#include <stdexcept>

namespace evently::limits {
namespace {

/// Aumasson, Bernstein: "SipHash: a fast short-input PRF" (2012). Fed word by word, so that a space
/// and a text are hashed without a copy.
class Sip {
 public:
  Sip(std::uint64_t k0, std::uint64_t k1)
      : v0_(k0 ^ 0x736f6d6570736575),
        v1_(k1 ^ 0x646f72616e646f6d),
        v2_(k0 ^ 0x6c7967656e657261),
        v3_(k1 ^ 0x7465646279746573) {}

  /// The length goes in too: ("ab", "c") is not ("a", "bc").
  void feed(std::string_view text) {
    const std::uint64_t length = text.size();
    for (; text.size() >= 8; text.remove_prefix(8)) word(text.substr(0, 8));
    std::uint64_t last = 0;
    std::memcpy(&last, text.data(), text.size());
    compress(last | (length << 56));
  }
  std::uint64_t finish() {
    v2_ ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0_ ^ v1_ ^ v2_ ^ v3_;
  }

 private:
  void word(std::string_view bytes) {
    std::uint64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    compress(value);
  }
  void compress(std::uint64_t value) {
    v3_ ^= value;
    round();
    round();
    v0_ ^= value;
  }
  void round() {
    v0_ += v1_;
    v1_ = std::rotl(v1_, 13) ^ v0_;
    v0_ = std::rotl(v0_, 32);
    v2_ += v3_;
    v3_ = std::rotl(v3_, 16) ^ v2_;
    v0_ += v3_;
    v3_ = std::rotl(v3_, 21) ^ v0_;
    v2_ += v1_;
    v1_ = std::rotl(v1_, 17) ^ v2_;
    v2_ = std::rotl(v2_, 32);
  }

  std::uint64_t v0_, v1_, v2_, v3_;
};

std::uint64_t hash(std::uint64_t k0, std::uint64_t k1, std::string_view space,
                   std::string_view text) {
  Sip sip(k0, k1);
  sip.feed(space);
  sip.feed(text);
  return sip.finish();
}

void append_hex(std::string& out, std::uint64_t value) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(value >> shift) & 15];
}

}  // namespace

KeyedHash::KeyedHash(std::string_view secret) {
  if (secret.size() < sizeof keys_) throw std::invalid_argument("a keyed hash wants 32 bytes");
  std::memcpy(keys_.data(), secret.data(), sizeof keys_);
}

std::uint64_t KeyedHash::operator()(std::string_view space, std::string_view text) const {
  return hash(keys_[0], keys_[1], space, text);
}

std::string KeyedHash::wide(std::string_view space, std::string_view text) const {
  std::string out;
  append_hex(out, hash(keys_[0], keys_[1], space, text));
  append_hex(out, hash(keys_[2], keys_[3], space, text));
  return out;
}

}  // namespace evently::limits
