#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "platform/limits/keyed_hash.hpp"

namespace evently::security {

/// The network each session was last used from, as digests in a fixed table of 512 kB that all
/// threads share; a session that loses its place to another is taken as new. Thread-safe.
class SessionNetworks {
 public:
  /// `secret`: 32 bytes.
  explicit SessionNetworks(std::string_view secret);

  /// True when the session was last seen in another network than that of `address`.
  bool moved(std::string_view session, std::string_view address);

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 16;

  const limits::KeyedHash hash_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> places_;  ///< session 32 | network 32
};

}  // namespace evently::security
