#include "platform/limits/network.hpp"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace evently::limits {

Network network_of(std::string_view address) {
  std::array<char, INET6_ADDRSTRLEN + 1> text{};
  if (address.size() >= text.size()) return {std::string(address), ""};
  std::memcpy(text.data(), address.data(), address.size());
  std::array<char, 16> bytes{};
  if (::inet_pton(AF_INET, text.data(), bytes.data()) == 1) return {{bytes.data(), 4}, ""};
  if (::inet_pton(AF_INET6, text.data(), bytes.data()) != 1) return {std::string(address), ""};
  constexpr std::array<char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, '\xff', '\xff'};
  if (std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0) {
    return {{bytes.data() + 12, 4}, ""};
  }
  return {{bytes.data(), 8}, {bytes.data(), 6}};
}

}  // namespace evently::limits
