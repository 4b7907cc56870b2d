#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/latest.hpp"
#include "platform/crypto/key_ring.hpp"

namespace evently::json {

/// Keyset cursors nobody can make or change: base64url of the parts and a MAC. `purpose` names the
/// list and its filters, so a cursor of one list is refused by another. Thread-safe.
class CursorCodec {
 public:
  CursorCodec(crypto::KeyRing ring, const Clock& clock) : ring_(std::move(ring)), clock_(clock) {}
  explicit CursorCodec(std::string key_32_bytes);
  /// From now on these keys, after a rotation. Cursors of the old ones are taken until they retire.
  void replace(crypto::KeyRing ring) { ring_.replace(std::move(ring)); }

  /// Parts may hold any bytes; throws std::length_error for one of more than 65,535.
  std::string encode(std::string_view purpose, const std::vector<std::string>& parts) const;
  std::optional<std::vector<std::string>> decode(std::string_view purpose,
                                                 std::string_view cursor) const;

 private:
  Latest<crypto::KeyRing> ring_;
  const Clock& clock_;
};

}  // namespace evently::json
