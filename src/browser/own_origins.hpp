#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace evently::browser {

/// The origins under which people reach our pages: those the operator names, or those of the
/// listener. Filled before the first request, read by all workers after.
class OwnOrigins {
 public:
  void add(std::string origin) { origins_.push_back(std::move(origin)); }
  bool empty() const { return origins_.empty(); }
  /// Byte for byte, as a browser serialises it (RFC 6454 §6.2).
  bool contains(std::string_view origin) const;

 private:
  std::vector<std::string> origins_;
};

/// What a browser on this machine calls a listener: `http://127.0.0.1:8080` and
/// `http://localhost:8080`. A listener for the network has a name only its operator knows, so for
/// any other address there is the literal alone.
std::vector<std::string> origins_of_listener(std::string_view address, unsigned port, bool tls);

}  // namespace evently::browser
