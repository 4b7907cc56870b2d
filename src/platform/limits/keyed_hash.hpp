#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace evently::limits {

/// SipHash-2-4 under a secret key: nobody can choose two clients that share a place, and what is
/// stored does not tell whose it is.
class KeyedHash {
 public:
  /// `secret`: 32 bytes or more. Throws std::invalid_argument when shorter.
  explicit KeyedHash(std::string_view secret);

  std::uint64_t operator()(std::string_view space, std::string_view text) const;
  /// 128 bits in hex, for a store that others share.
  std::string wide(std::string_view space, std::string_view text) const;

 private:
  std::array<std::uint64_t, 4> keys_;
};

}  // namespace evently::limits
