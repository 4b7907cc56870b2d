#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"

namespace evently::crypto {

/// A new key is known to every node for so long before the first of them signs with it: each reads
/// its key files about once a second.
inline constexpr std::chrono::seconds kAnnounced{10};

/// One of the keys of a purpose. What it signed counts until `retire_after`; without one for good.
struct RingKey {
  int kid = 1;
  std::string secret;  ///< 32 bytes
  TimePoint created;
  std::optional<TimePoint> retire_after;

  TimePoint used_from() const { return created + kAnnounced; }
  bool is_retired(TimePoint now) const { return retire_after && *retire_after <= now; }
};

/// All keys of one purpose, kids ascending, never empty. Which one signs is a matter of time, the
/// same on every node that has the ring.
using KeyRing = std::vector<RingKey>;

/// A ring of one key that was always there.
KeyRing ring_of(std::string secret_32_bytes);

/// The key to sign with: the newest that was announced long enough, else the oldest.
const RingKey& current_key(const KeyRing& ring, TimePoint now);

/// The key of that kid, unless it is retired; nullptr.
const RingKey* find_key(const KeyRing& ring, int kid, TimePoint now);

/// The ring with one key more. The key it takes over from retires when what it signed last is
/// `overlap` old (nullopt: never), and retired ones are left out. Throws std::length_error beyond
/// 16 keys.
KeyRing rotated(const KeyRing& ring, TimePoint now, std::optional<std::chrono::seconds> overlap);

}  // namespace evently::crypto
