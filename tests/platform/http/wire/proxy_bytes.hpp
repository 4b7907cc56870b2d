#pragma once

#include <cstdint>
#include <string>

namespace evently::http {

/// A PROXY protocol header as a proxy would write it; nothing is checked.
inline std::string proxy_bytes(int command, int family, const std::string& body) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(body.size() >> 8);
  bytes += static_cast<char>(body.size() & 0xff);
  return bytes + body;
}

/// From 203.0.113.9:4660 to 192.0.2.1:443.
inline std::string tcp4_body() {
  return std::string("\xcb\0\x71\x09\xc0\0\x02\x01\x12\x34\x01\xbb", 12);
}
inline std::string from_203_0_113_9(const std::string& extensions = "") {
  return proxy_bytes(0x21, 0x11, tcp4_body() + extensions);
}
inline std::string extension(int type, const std::string& value) {
  std::string bytes;
  bytes += static_cast<char>(type);
  bytes += static_cast<char>(value.size() >> 8);
  bytes += static_cast<char>(value.size() & 0xff);
  return bytes + value;
}

}  // namespace evently::http
