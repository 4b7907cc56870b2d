#include "platform/json/cursor.hpp"

#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"

namespace evently::json {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kMaxPartBytes = 0xffff;  // a part's length takes two bytes

/// One part off the front of `rest`.
std::optional<std::string> take_part(std::string_view& rest) {
  if (rest.size() < 2) return std::nullopt;
  const auto high = static_cast<unsigned char>(rest[0]);
  const auto low = static_cast<unsigned char>(rest[1]);
  const std::size_t size = static_cast<std::size_t>(high) * 256 + low;
  rest.remove_prefix(2);
  if (rest.size() < size) return std::nullopt;
  std::string part(rest.substr(0, size));
  rest.remove_prefix(size);
  return part;
}

std::string mac_of(std::string_view key, std::string_view purpose, std::string_view payload) {
  std::string message(purpose);
  message += '\0';
  message += payload;
  return crypto::hmac_sha256(key, message).substr(0, kMacBytes);
}

const Clock& system_clock() {
  static const SystemClock clock;
  return clock;
}

}  // namespace

CursorCodec::CursorCodec(std::string key_32_bytes)
    : CursorCodec(crypto::ring_of(std::move(key_32_bytes)), system_clock()) {}

std::string CursorCodec::encode(std::string_view purpose,
                                const std::vector<std::string>& parts) const {
  std::string payload;
  for (const std::string& part : parts) {
    if (part.size() > kMaxPartBytes) throw std::length_error("a cursor part is too long");
    payload += static_cast<char>(part.size() >> 8);
    payload += static_cast<char>(part.size() & 0xff);
    payload += part;
  }
  const std::string& key = crypto::current_key(ring_.get(), clock_.now()).secret;
  return crypto::base64url_encode(payload + mac_of(key, purpose, payload));
}

std::optional<std::vector<std::string>> CursorCodec::decode(std::string_view purpose,
                                                            std::string_view cursor) const {
  const auto bytes = crypto::base64url_decode(cursor);
  if (!bytes || bytes->size() < kMacBytes) return std::nullopt;
  std::string_view payload = std::string_view(*bytes).substr(0, bytes->size() - kMacBytes);
  const std::string_view sent = std::string_view(*bytes).substr(payload.size());
  // A cursor names no key: each that is alive is tried, seldom more than two.
  const TimePoint now = clock_.now();
  bool is_ours = false;
  for (const crypto::RingKey& key : ring_.get()) {
    if (key.is_retired(now)) continue;
    is_ours |= crypto::equal_in_constant_time(sent, mac_of(key.secret, purpose, payload));
  }
  if (!is_ours) return std::nullopt;

  std::vector<std::string> parts;
  while (!payload.empty()) {
    auto part = take_part(payload);
    if (!part) return std::nullopt;
    parts.push_back(std::move(*part));
  }
  return parts;
}

}  // namespace evently::json
