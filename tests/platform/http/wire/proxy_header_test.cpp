#include "platform/http/wire/proxy_header.hpp"

#include <gtest/gtest.h>

#include "platform/http/wire/proxy_bytes.hpp"

namespace evently::http {
namespace {

/// The source; "-" when there is none, "refused" when it is no header.
std::string source_of(const std::string& bytes) {
  const std::string prefix = bytes.substr(0, kProxyPrefixBytes);
  const auto size = proxy_body_size(prefix);
  if (!size) return "refused";
  const auto header = read_proxy_header(prefix, bytes.substr(kProxyPrefixBytes));
  if (!header) return "refused";
  return header->source.empty() ? "-" : header->source;
}

std::string tcp6(const std::string& source) {
  return proxy_bytes(0x21, 0x21, source + std::string(16, '\1') + "\x12\x34\x01\xbb");
}

TEST(ProxyHeader, NamesTheClient) {
  EXPECT_EQ(source_of(from_203_0_113_9()), "203.0.113.9");
  EXPECT_EQ(source_of(tcp6(std::string("\x20\x01\x0d\xb8", 4) + std::string(11, '\0') + "\x07")),
            "2001:db8::7");
  EXPECT_EQ(source_of(tcp6(std::string(10, '\0') + "\xff\xff\xcb" + std::string("\0\x71\x09", 3))),
            "203.0.113.9");
}

TEST(ProxyHeader, MaySpeakForTheProxyItself) {
  EXPECT_EQ(source_of(proxy_bytes(0x20, 0x00, "")), "-");
  EXPECT_EQ(source_of(proxy_bytes(0x20, 0x11, tcp4_body())), "-");
  EXPECT_EQ(source_of(proxy_bytes(0x21, 0x00, "")), "-");
  EXPECT_EQ(source_of(proxy_bytes(0x21, 0x00, extension(0x04, "padding"))), "-");
}

TEST(ProxyHeader, CarriesExtensionsThatFillItExactly) {
  const std::string some = extension(0x01, "h2") + extension(0x04, "") + extension(0x20, "tls");
  EXPECT_EQ(source_of(from_203_0_113_9(some)), "203.0.113.9");
  EXPECT_EQ(source_of(from_203_0_113_9(std::string(1, '\x04'))), "refused");
  EXPECT_EQ(source_of(from_203_0_113_9(std::string("\x04\0", 2))), "refused");
  EXPECT_EQ(source_of(from_203_0_113_9(std::string("\x04\0\x02x", 4))), "refused");
  EXPECT_EQ(source_of(from_203_0_113_9(some + "\x04")), "refused");
}

TEST(ProxyHeader, HoldsAChecksum) {
  // CRC-32C of the header with noughts in its place, by a table of Python's; haproxy's own is tried
  // in front_proxy_httptest.cpp.
  const std::string right("\xa0\xf2\x29\xd6", 4);
  EXPECT_EQ(source_of(from_203_0_113_9(extension(0x03, right))), "203.0.113.9");
  std::string spoilt = from_203_0_113_9(extension(0x03, right));
  for (std::size_t at = kProxyPrefixBytes; at < spoilt.size(); ++at) {
    if (at >= 28 && at < 31) continue;  // type and length: another extension, or none
    std::string one = spoilt;
    one[at] = static_cast<char>(one[at] ^ 1);
    EXPECT_EQ(source_of(one), "refused") << at;
  }
  EXPECT_EQ(source_of(from_203_0_113_9(extension(0x03, right.substr(1)))), "refused");
  EXPECT_EQ(source_of(from_203_0_113_9(extension(0x03, ""))), "refused");
}

TEST(ProxyHeader, IsRefusedWhenOneByteOfItsSignatureIsAnother) {
  for (std::size_t at = 0; at < 12; ++at) {
    std::string bytes = from_203_0_113_9();
    bytes[at] = static_cast<char>(bytes[at] ^ 0x20);
    EXPECT_EQ(source_of(bytes), "refused") << at;
  }
  EXPECT_EQ(source_of("PROXY TCP4 203.0.113.9 192.0.2.1 4660 443\r\n"), "refused");
  EXPECT_EQ(source_of("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "refused");
  EXPECT_FALSE(proxy_body_size(""));
}

TEST(ProxyHeader, TakesTwoCommandsAndThreeFamiliesOfAll65536Pairs) {
  int taken = 0;
  for (int command = 0; command < 256; ++command) {
    for (int family = 0; family < 256; ++family) {
      const std::string bytes = proxy_bytes(command, family, std::string(216, '\0'));
      taken += proxy_body_size(bytes.substr(0, kProxyPrefixBytes)) ? 1 : 0;
    }
  }
  EXPECT_EQ(taken, 6);
}

TEST(ProxyHeader, HasALengthThatFits) {
  EXPECT_EQ(source_of(proxy_bytes(0x21, 0x11, tcp4_body().substr(1))), "refused");
  EXPECT_EQ(source_of(proxy_bytes(0x20, 0x21, tcp4_body())), "refused");
  const auto padded = [](std::size_t whole) {
    return from_203_0_113_9(extension(0x04, std::string(whole - 12 - 3, '\0')));
  };
  EXPECT_EQ(source_of(padded(kMostProxyBytes)), "203.0.113.9");
  EXPECT_EQ(source_of(padded(kMostProxyBytes + 1)), "refused");
  const std::string bytes = from_203_0_113_9();
  EXPECT_FALSE(read_proxy_header(bytes.substr(0, 16), bytes.substr(16, 11)));
  EXPECT_FALSE(read_proxy_header(bytes.substr(0, 16), bytes.substr(16) + "x"));
}

}  // namespace
}  // namespace evently::http
