#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/limits/limit_table.hpp"

namespace evently::limits {

/// As many policies as one request meets at most: four tiers, a ceiling each.
constexpr std::size_t kMaxCharges = 8;

/// One use of one policy by one key.
struct Charge {
  LimitTable* table = nullptr;
  std::uint64_t hash = 0;
  std::int64_t quota = 0;  ///< lowers a ring's quota; 0: the policy's own
};

struct Verdict {
  bool granted = true;
  std::size_t refused_by = 0;  ///< which charge makes the caller wait longest
  Micros wait = 0;
  std::array<Standing, kMaxCharges> standings;   ///< of each charge, after it
  std::array<Micros, kMaxCharges> granted_at{};  ///< for give_back
};

/// Spends in all policies or in none; one moment for all. Throws std::length_error above
/// kMaxCharges. Thread-safe.
Verdict spend_all(std::span<const Charge> charges, Micros now);
/// What spend_all would say, without spending.
Verdict look_all(std::span<const Charge> charges, Micros now);
/// Takes back what spend_all granted.
void give_back_all(std::span<const Charge> charges, std::span<const Micros> granted_at, Micros now);

/// Microseconds since boot: never steps back.
Micros now_since_boot();

}  // namespace evently::limits
