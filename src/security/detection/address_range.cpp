#include "security/detection/address_range.hpp"

#include <arpa/inet.h>

#include <array>
#include <charconv>
#include <cstring>

namespace evently::security {
namespace {

constexpr std::string_view kMapped("\0\0\0\0\0\0\0\0\0\0\xff\xff", 12);
constexpr unsigned kPersonPrefix = 64;  // who has one IPv6 address has a /64 of them

std::string bytes_of(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  if (address.size() >= text.size()) return "";
  std::memcpy(text.data(), address.data(), address.size());
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.data(), bytes.data()) == 1) return {bytes.data(), 4};
  if (::inet_pton(AF_INET6, text.data(), bytes.data()) == 1) return {bytes.data(), 16};
  return "";
}

}  // namespace

AddressRange shortened(const AddressRange& range, unsigned prefix) {
  AddressRange masked{range.bytes, std::min(prefix, range.prefix)};
  for (std::size_t i = 0; i < masked.bytes.size(); ++i) {
    const unsigned before = static_cast<unsigned>(i) * 8;
    const unsigned kept = masked.prefix > before ? std::min(8U, masked.prefix - before) : 0;
    const auto mask = static_cast<unsigned char>(0xff00U >> kept);
    masked.bytes[i] = static_cast<char>(static_cast<unsigned char>(masked.bytes[i]) & mask);
  }
  return masked;
}

bool AddressRange::contains(const AddressRange& other) const {
  return bytes.size() == other.bytes.size() && prefix <= other.prefix &&
         shortened(other, prefix).bytes == bytes;
}

std::string AddressRange::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  ::inet_ntop(bytes.size() == 4 ? AF_INET : AF_INET6, bytes.data(), out.data(), out.size());
  return std::string(out.data()) + "/" + std::to_string(prefix);
}

std::optional<AddressRange> parse_range(std::string_view text) {
  const std::size_t slash = text.find('/');
  AddressRange range{bytes_of(text.substr(0, slash)), 0};
  if (range.bytes.empty()) return std::nullopt;
  const auto bits = static_cast<unsigned>(range.bytes.size()) * 8;
  range.prefix = bits;
  unsigned wanted = bits;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, fault] = std::from_chars(number.data(), number.data() + number.size(), wanted);
    if (fault != std::errc() || end != number.data() + number.size() || wanted > bits) {
      return std::nullopt;
    }
  }
  if (range.bytes.starts_with(kMapped) && range.bytes.size() == 16 && wanted >= 96) {
    range = {range.bytes.substr(12), 32};
    wanted -= 96;
  }
  return shortened(range, wanted);
}

std::optional<AddressRange> network_of(std::string_view address) {
  if (address.find('/') != std::string_view::npos) return std::nullopt;
  auto range = parse_range(address);
  if (!range || range->bytes.size() == 4) return range;
  return shortened(*range, kPersonPrefix);
}

}  // namespace evently::security
