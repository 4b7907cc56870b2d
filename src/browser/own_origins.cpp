#include "browser/own_origins.hpp"

#include <algorithm>

namespace evently::browser {

bool OwnOrigins::contains(std::string_view origin) const {
  return std::find(origins_.begin(), origins_.end(), origin) != origins_.end();
}

std::vector<std::string> origins_of_listener(std::string_view address, unsigned port, bool tls) {
  const std::string scheme = tls ? "https://" : "http://";
  const std::string end = port == (tls ? 443U : 80U) ? "" : ":" + std::to_string(port);
  const bool is_any = address == "0.0.0.0" || address == "::";
  if (is_any || address == "127.0.0.1" || address == "::1") {
    return {scheme + "127.0.0.1" + end, scheme + "localhost" + end, scheme + "[::1]" + end};
  }
  const bool is_v6 = address.find(':') != std::string_view::npos;
  const std::string host(address);
  return {scheme + (is_v6 ? "[" + host + "]" : host) + end};
}

}  // namespace evently::browser
