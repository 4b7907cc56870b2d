#include "base/uuid.hpp"

#include <openssl/rand.h>

#include <chrono>
#include <cstring>
#include <stdexcept>

namespace evently {
namespace {

constexpr char kHex[] = "0123456789abcdef";

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Ten random bytes from a buffer a thread: one call into OpenSSL serves 100 ids.
void take_random(std::uint8_t* out, std::size_t size) {
  thread_local std::array<std::uint8_t, 1000> pool;
  thread_local std::size_t used = pool.size();
  if (used + size > pool.size()) {
    if (RAND_bytes(pool.data(), static_cast<int>(pool.size())) != 1) {
      throw std::runtime_error("no random bytes from OpenSSL");
    }
    used = 0;
  }
  std::memcpy(out, pool.data() + used, size);
  used += size;
}

bool is_dash_position(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid make_uuid_v7() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ms = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
  Uuid id;
  for (std::size_t i = 0; i < 6; ++i) {
    id.bytes[i] = static_cast<std::uint8_t>(ms >> (8 * (5 - i)));
  }
  take_random(id.bytes.data() + 6, 10);
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<TimePoint> made_at(const Uuid& id) {
  if (id.bytes[6] >> 4 != 7) return std::nullopt;
  std::int64_t ms = 0;
  for (std::size_t i = 0; i < 6; ++i) ms = ms << 8 | id.bytes[i];
  return TimePoint(std::chrono::milliseconds(ms));
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < 36;) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      ++i;
      continue;
    }
    const int high = hex_digit(text[i]);
    const int low = hex_digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return id;
}

std::string to_string(const Uuid& id) {
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < 16; ++i) {
    if (is_dash_position(at)) ++at;
    text[at++] = kHex[id.bytes[i] >> 4];
    text[at++] = kHex[id.bytes[i] & 0x0f];
  }
  return text;
}

}  // namespace evently

std::size_t std::hash<evently::Uuid>::operator()(const evently::Uuid& id) const noexcept {
  std::size_t tail = 0;  // the random end of a version 7 id
  std::memcpy(&tail, id.bytes.data() + 8, sizeof tail);
  return tail;
}
