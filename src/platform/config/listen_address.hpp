#pragma once

#include <cstdint>
#include <string>

namespace evently::config {

struct ListenAddress {
  std::string address;  ///< IP literal without brackets
  std::uint16_t port = 0;
  bool is_loopback = false;
};

/// "127.0.0.1:8080", "[::1]:0"; throws StartRefused for anything else, naming the option.
ListenAddress parse_listen(const std::string& text, const std::string& option = "--listen");

/// "127.0.0.1:8080" or "[::1]:8080".
std::string to_string(const ListenAddress& listen);

}  // namespace evently::config
