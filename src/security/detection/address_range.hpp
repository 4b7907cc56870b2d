#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace evently::security {

/// An address or a network (CIDR), masked to its prefix. IPv4 inside IPv6 is IPv4.
struct AddressRange {
  std::string bytes;    ///< 4 or 16, host bits zero
  unsigned prefix = 0;  ///< bits

  bool operator==(const AddressRange&) const = default;
  bool contains(const AddressRange& other) const;
  std::string text() const;  ///< 203.0.113.5/32
};

/// "203.0.113.5", "203.0.113.0/24", "2001:db8::1"; nothing when it is neither address nor CIDR.
std::optional<AddressRange> parse_range(std::string_view text);

/// Whom an address stands for: IPv4 /32, IPv6 /64.
std::optional<AddressRange> network_of(std::string_view address);

/// The first `prefix` bits.
AddressRange shortened(const AddressRange& range, unsigned prefix);

}  // namespace evently::security
