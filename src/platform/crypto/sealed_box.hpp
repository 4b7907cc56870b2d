#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/crypto/key_ring.hpp"

namespace evently::crypto {

/// `0x01 | kid (4 bytes, big endian) | nonce (24) | XChaCha20-Poly1305 ciphertext and tag`.
/// `place` is authenticated with it (table, column and row), so that a cell moved elsewhere opens
/// as little as one that was changed. source: designs.md §2.4
std::string seal(const RingKey& key, std::string_view place, std::string_view plain);
/// nullopt for anything that was not sealed for this place under a key of the ring.
std::optional<std::string> open_sealed(const KeyRing& ring, std::string_view place,
                                       std::string_view sealed, TimePoint now);

}  // namespace evently::crypto
