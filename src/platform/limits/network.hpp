#pragma once

#include <string>
#include <string_view>

namespace evently::limits {

/// Whom an address stands for: who has one IPv6 address has a /64 of them, and can often get a /48.
struct Network {
  std::string net;   ///< IPv4 /32: 4 bytes; IPv6 /64: 8 bytes
  std::string site;  ///< IPv6 /48: 6 bytes; empty for IPv4
};

/// IPv4 inside IPv6 (::ffff:a.b.c.d) is IPv4. What is no address at all stands for itself.
Network network_of(std::string_view address);

}  // namespace evently::limits
