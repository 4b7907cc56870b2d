#include "platform/http/wire/proxy_header.hpp"

#include <boost/asio/ip/address.hpp>
#include <cstdint>

namespace evently::http {
namespace {

namespace ip = boost::asio::ip;

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::uint8_t kLocal = 0x20;  // version 2 in the high half
constexpr std::uint8_t kProxy = 0x21;
constexpr std::uint8_t kUnspecified = 0x00;
constexpr std::uint8_t kTcp4 = 0x11;
constexpr std::uint8_t kTcp6 = 0x21;
constexpr std::size_t kTcp4Bytes = 12;  // two addresses, two ports
constexpr std::size_t kTcp6Bytes = 36;
constexpr std::uint8_t kChecksum = 0x03;  // PP2_TYPE_CRC32C
constexpr std::size_t kExtensionHead = 3;

std::uint8_t byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::uint8_t>(bytes[at]);
}

std::size_t length_at(std::string_view bytes, std::size_t at) {
  return static_cast<std::size_t>(byte_at(bytes, at)) << 8 | byte_at(bytes, at + 1);
}

/// What the addresses take; nullopt for a pair of command and family that we do not take.
std::optional<std::size_t> address_bytes(std::uint8_t command, std::uint8_t family) {
  if (command != kLocal && command != kProxy) return std::nullopt;
  if (family == kUnspecified) return 0;
  if (family == kTcp4) return kTcp4Bytes;
  if (family == kTcp6) return kTcp6Bytes;
  return std::nullopt;
}

/// CRC-32C (Castagnoli), RFC 3720 appendix B.4.
std::uint32_t crc32c(std::uint32_t crc, std::string_view bytes) {
  crc = ~crc;
  for (const char c : bytes) {
    crc ^= static_cast<std::uint8_t>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ (0x82f63b78U & (0U - (crc & 1U)));
  }
  return ~crc;
}

/// Over the whole header, with the four bytes of the checksum as noughts.
bool is_checksum_right(std::string_view prefix, std::string_view body, std::size_t at) {
  std::uint32_t said = 0;
  for (std::size_t i = 0; i < 4; ++i) said = said << 8 | byte_at(body, at + i);
  std::uint32_t crc = crc32c(0, prefix);
  crc = crc32c(crc, body.substr(0, at));
  crc = crc32c(crc, std::string_view("\0\0\0\0", 4));
  return crc32c(crc, body.substr(at + 4)) == said;
}

bool are_extensions_right(std::string_view prefix, std::string_view body, std::size_t at) {
  while (at < body.size()) {
    if (body.size() - at < kExtensionHead) return false;
    const std::uint8_t type = byte_at(body, at);
    const std::size_t length = length_at(body, at + 1);
    at += kExtensionHead;
    if (length > body.size() - at) return false;
    if (type == kChecksum && (length != 4 || !is_checksum_right(prefix, body, at))) return false;
    at += length;
  }
  return true;
}

std::string tcp4_source(std::string_view body) {
  ip::address_v4::bytes_type bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = byte_at(body, i);
  return ip::address_v4(bytes).to_string();
}

/// An IPv4 client of an IPv6 listener counts as IPv4.
std::string tcp6_source(std::string_view body) {
  ip::address_v6::bytes_type bytes;
  for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = byte_at(body, i);
  const ip::address_v6 address(bytes);
  if (!address.is_v4_mapped()) return address.to_string();
  return ip::make_address_v4(ip::v4_mapped, address).to_string();
}

}  // namespace

std::optional<std::size_t> proxy_body_size(std::string_view prefix) {
  if (prefix.size() != kProxyPrefixBytes || !prefix.starts_with(kSignature)) return std::nullopt;
  const auto addresses = address_bytes(byte_at(prefix, 12), byte_at(prefix, 13));
  const std::size_t size = length_at(prefix, 14);
  if (!addresses || size < *addresses || size > kMostProxyBytes) return std::nullopt;
  return size;
}

std::optional<ProxyHeader> read_proxy_header(std::string_view prefix, std::string_view body) {
  if (proxy_body_size(prefix) != body.size()) return std::nullopt;
  const std::uint8_t command = byte_at(prefix, 12);
  const std::uint8_t family = byte_at(prefix, 13);
  if (!are_extensions_right(prefix, body, *address_bytes(command, family))) return std::nullopt;
  if (command == kLocal || family == kUnspecified) return ProxyHeader{};
  return ProxyHeader{family == kTcp4 ? tcp4_source(body) : tcp6_source(body)};
}

}  // namespace evently::http
