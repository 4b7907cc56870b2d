#include "platform/crypto/key_ring.hpp"

#include <algorithm>
#include <stdexcept>

#include "platform/crypto/random.hpp"

namespace evently::crypto {
namespace {

constexpr std::size_t kMaxKeys = 16;

}  // namespace

KeyRing ring_of(std::string secret_32_bytes) {
  return {RingKey{1, std::move(secret_32_bytes), {}, {}}};
}

const RingKey& current_key(const KeyRing& ring, TimePoint now) {
  const auto found = std::find_if(ring.rbegin(), ring.rend(),
                                  [now](const RingKey& key) { return key.used_from() <= now; });
  return found == ring.rend() ? ring.front() : *found;
}

const RingKey* find_key(const KeyRing& ring, int kid, TimePoint now) {
  for (const RingKey& key : ring) {
    if (key.kid == kid) return key.is_retired(now) ? nullptr : &key;
  }
  return nullptr;
}

KeyRing rotated(const KeyRing& ring, TimePoint now, std::optional<std::chrono::seconds> overlap) {
  KeyRing next = ring;
  std::erase_if(next, [now](const RingKey& key) { return key.is_retired(now); });
  if (next.size() >= kMaxKeys) throw std::length_error("16 keys are alive already");
  RingKey made{ring.back().kid + 1, random_bytes(32), now, {}};
  if (overlap && !next.empty() && !next.back().retire_after) {
    next.back().retire_after = made.used_from() + *overlap;
  }
  next.push_back(std::move(made));
  return next;
}

}  // namespace evently::crypto
