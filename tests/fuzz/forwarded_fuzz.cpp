// X-Forwarded-For can name a client, never make one up: the answer is the peer or a hop that stands
// there.
#include <cstdint>
#include <cstdlib>

#include "platform/http/trusted_proxies.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently::http;
  static const TrustedProxies proxies({"10.0.0.0/8", "fd00::/8"});
  const std::string value(reinterpret_cast<const char*>(data), size);
  const std::string peer = "10.0.0.1";
  const std::string client = proxies.client_address(peer, {{"x-forwarded-for", value}});
  if (client != peer && value.find(client) == std::string::npos) abort();
  if (proxies.client_address("192.0.2.1", {{"x-forwarded-for", value}}) != "192.0.2.1") abort();
  return 0;
}
