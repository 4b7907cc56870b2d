#include "platform/crypto/totp.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

#include "platform/crypto/hmac.hpp"

namespace evently::crypto {
namespace {

constexpr std::chrono::seconds kStep{30};

std::string hmac_sha1(std::string_view key, std::string_view message) {
  std::string mac(20, '\0');
  unsigned int size = 0;
  const auto* made = HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
                          reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                          reinterpret_cast<unsigned char*>(mac.data()), &size);
  if (made == nullptr || size != mac.size()) throw std::runtime_error("HMAC-SHA-1 failed");
  return mac;
}

}  // namespace

std::int64_t totp_step(TimePoint time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch() / kStep;
}

/// source: RFC 4226 §5.3, dynamic truncation
std::string totp_code(std::string_view secret, std::int64_t step, int digits) {
  std::string counter(8, '\0');
  for (std::size_t i = 0; i < 8; ++i) {
    counter[7 - i] = static_cast<char>(static_cast<std::uint64_t>(step) >> (8 * i) & 0xff);
  }
  const std::string mac = hmac_sha1(secret, counter);
  const std::size_t offset = static_cast<unsigned char>(mac.back()) & 0x0f;
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    number = number << 8 | static_cast<unsigned char>(mac[offset + i]);
  }
  number &= 0x7fffffff;
  std::string code(static_cast<std::size_t>(digits), '0');
  for (auto digit = code.rbegin(); digit != code.rend(); ++digit) {
    *digit = static_cast<char>('0' + number % 10);
    number /= 10;
  }
  return code;
}

std::optional<std::int64_t> totp_match(std::string_view secret, std::string_view code,
                                       TimePoint now) {
  std::optional<std::int64_t> matched;
  for (std::int64_t step = totp_step(now) - 1; step <= totp_step(now) + 1; ++step) {
    if (equal_in_constant_time(code, totp_code(secret, step))) matched = step;
  }
  return matched;
}

std::string base32_encode(std::string_view bytes) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string text;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char byte : bytes) {
    buffer = (buffer << 8 | static_cast<unsigned char>(byte)) & 0xffff;
    for (bits += 8; bits >= 5; bits -= 5) text += kAlphabet[buffer >> (bits - 5) & 31];
  }
  if (bits > 0) text += kAlphabet[buffer << (5 - bits) & 31];
  return text;
}

}  // namespace evently::crypto
