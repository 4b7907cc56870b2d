#include "security/detection/session_networks.hpp"

#include "platform/limits/network.hpp"

namespace evently::security {

SessionNetworks::SessionNetworks(std::string_view secret)
    : hash_(secret), places_(std::make_unique<std::atomic<std::uint64_t>[]>(kPlaces)) {}

bool SessionNetworks::moved(std::string_view session, std::string_view address) {
  const std::uint64_t whose = hash_("session", session);
  const std::uint64_t where = hash_("network", limits::network_of(address).net) & 0xffffffff;
  const std::uint64_t now = (whose & 0xffffffff00000000) | where;
  const std::uint64_t before = places_[whose % kPlaces].exchange(now, std::memory_order_relaxed);
  return before >> 32 == now >> 32 && before != now && before != 0;
}

}  // namespace evently::security
