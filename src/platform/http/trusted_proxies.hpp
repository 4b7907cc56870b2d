#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evently::http {

/// The networks whose X-Forwarded-For is believed. Immutable after construction; thread-safe.
class TrustedProxies {
 public:
  TrustedProxies() = default;
  /// Throws std::invalid_argument naming the first entry that is not an address or CIDR.
  explicit TrustedProxies(const std::vector<std::string>& cidrs);

  bool empty() const { return networks_.empty(); }
  bool contains(std::string_view address) const;

  /// The client's address: the peer, unless the peer is trusted; then the rightmost hop of all
  /// X-Forwarded-For lines that is not trusted itself. An unparsable hop, or more than 32, stops
  /// the walk at the last good one: what stands further left was written by the client.
  std::string client_address(std::string_view peer,
                             const std::vector<std::pair<std::string, std::string>>& headers) const;

 private:
  struct Network {
    std::string address_bytes;  ///< 4 or 16 bytes, masked
    unsigned prefix_bits;
  };
  std::vector<Network> networks_;
};

}  // namespace evently::http
