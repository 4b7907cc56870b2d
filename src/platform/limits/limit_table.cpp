#include "platform/limits/limit_table.hpp"

#include <algorithm>
#include <bit>
#include <new>

namespace evently::limits {
namespace {

constexpr std::size_t kFewestPlaces = 512;

/// The key's word; zero means a free place.
Micros name_of(std::uint64_t hash) { return static_cast<Micros>(hash == 0 ? 1 : hash); }

/// What forgetting a key would give away: how much of its quota is used, then for how long.
struct Debt {
  bool is_refused;
  std::int64_t used;
  Micros lasts;

  auto operator<=>(const Debt&) const = default;
};

Debt debt_of(const Policy& policy, const Micros* state, Micros now) {
  const Standing standing = look(policy, state, now);
  return {standing.wait > 0, policy.burst - standing.remaining, standing.full_after};
}

}  // namespace

LimitTable::LimitTable(Policy policy, std::size_t places)
    : policy_(std::move(policy)),
      places_(std::bit_ceil(std::max(places, kFewestPlaces))),
      stride_(1 + policy_.words()),
      words_(static_cast<Micros*>(std::calloc(places_ * stride_, sizeof(Micros)))) {
  if (!words_) throw std::bad_alloc();
}

Micros* LimitTable::find(std::uint64_t hash) {
  const Micros name = name_of(hash);
  const std::size_t bucket = bucket_of(hash);
  for (std::size_t i = 0; i < kBucket; ++i) {
    Micros* const at = place(bucket, i);
    if (at[0] == name) return at + 1;
  }
  return nullptr;
}

Micros* LimitTable::claim(std::uint64_t hash, Micros now) {
  if (Micros* const known = find(hash)) return known;
  const std::size_t bucket = bucket_of(hash);
  Micros* least = nullptr;
  Debt least_debt{};
  for (std::size_t i = 0; i < kBucket; ++i) {
    Micros* const at = place(bucket, i);
    const Debt debt = at[0] == 0 ? Debt{false, 0, -1} : debt_of(policy_, at + 1, now);
    if (least == nullptr || debt < least_debt) {
      least = at;
      least_debt = debt;
    }
  }
  if (least_debt.is_refused) {
    // Eight refused keys in one bucket: share the fate of the one that waits least.
    for (std::size_t i = 0; i < kBucket; ++i) {
      Micros* const at = place(bucket, i);
      if (look(policy_, at + 1, now).wait < look(policy_, least + 1, now).wait) least = at;
    }
    return least + 1;
  }
  std::fill(least, least + stride_, 0);
  least[0] = name_of(hash);
  return least + 1;
}

}  // namespace evently::limits
