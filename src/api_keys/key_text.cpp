#include "api_keys/key_text.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::api_keys {
namespace {

constexpr std::string_view kLive = "evk_live_";
constexpr std::string_view kTest = "evk_test_";
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kSecretDigits = 64;
constexpr std::size_t kSumDigits = 8;
constexpr std::size_t kLength = kLive.size() + kIdDigits + 1 + kSecretDigits + 1 + kSumDigits;

std::string checksum(std::string_view text) {
  const auto sum = static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(text.data()), static_cast<uInt>(text.size())));
  const std::array<char, 4> bytes{static_cast<char>(sum >> 24U), static_cast<char>(sum >> 16U),
                                  static_cast<char>(sum >> 8U), static_cast<char>(sum)};
  return crypto::to_hex({bytes.data(), bytes.size()});
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

char digit(char c) { return static_cast<char>(c <= '9' ? c - '0' : c - 'a' + 10); }

std::string from_hex(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(digit(hex[i]) << 4 | digit(hex[i + 1]));
  }
  return bytes;
}

std::string digits_of(const Uuid& id) {
  std::string text = to_string(id);
  std::erase(text, '-');
  return text;
}

std::optional<Uuid> id_of(std::string_view digits) {
  std::string text(digits);
  for (const std::size_t at : {20U, 16U, 12U, 8U}) text.insert(at, "-");
  return parse_uuid(text);
}

}  // namespace

KeyText make_key(const Uuid& id) { return {id, crypto::random_bytes(kSecretDigits / 2)}; }

std::string write_key(const KeyText& key, bool live) {
  const std::string body =
      std::string(live ? kLive : kTest) + digits_of(key.id) + "_" + crypto::to_hex(key.secret);
  return body + "_" + checksum(body);
}

std::optional<KeyText> read_key(std::string_view text) {
  if (text.size() != kLength || !(text.starts_with(kLive) || text.starts_with(kTest))) return {};
  const std::string_view body = text.substr(0, kLength - kSumDigits - 1);
  if (text[body.size()] != '_' || text.substr(body.size() + 1) != checksum(body)) return {};
  const std::string_view digits = body.substr(kLive.size(), kIdDigits);
  const std::string_view secret = body.substr(body.size() - kSecretDigits);
  if (body[kLive.size() + kIdDigits] != '_' || !is_hex(digits) || !is_hex(secret)) return {};
  const auto id = id_of(digits);
  if (!id) return {};
  return KeyText{*id, from_hex(secret)};
}

std::string hash_secret(std::string_view secret) { return crypto::sha256(secret); }

}  // namespace evently::api_keys
