// X-API-Key: what is read is written the same, and nothing is read but that. Each input is tried as
// it is and with the right checksum behind it, which no fuzzer would guess.
#include <zlib.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <regex>
#include <string>

#include "api_keys/key_text.hpp"

namespace {

using namespace evently;

std::string with_checksum(const std::string& body) {
  const uLong sum =
      crc32(0, reinterpret_cast<const Bytef*>(body.data()), static_cast<uInt>(body.size()));
  std::array<char, 16> digits{};
  std::snprintf(digits.data(), digits.size(), "_%08lx", sum);
  return body + digits.data();
}

/// As the contract has it.
bool is_key(const std::string& text) {
  static const std::regex form("evk_(live|test)_[0-9a-f]{32}_[0-9a-f]{64}_[0-9a-f]{8}");
  if (text.size() > 200 || !std::regex_match(text, form)) return false;
  return with_checksum(text.substr(0, text.size() - 9)) == text;
}

void check(const std::string& text) {
  const auto key = api_keys::read_key(text);
  if (key.has_value() != is_key(text)) std::abort();
  if (key && api_keys::write_key(*key, text.starts_with("evk_live_")) != text) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  check(text);
  check(with_checksum(text));
  return 0;
}
