#pragma once

#include <cstdint>
#include <string>

namespace evently::limits {

/// Microseconds, on whatever clock the keeper of the state uses (ours: since boot; Redis: its own).
using Micros = std::int64_t;
constexpr Micros kSecond = 1'000'000;

/// The longest log of grants: above it a policy must be a GCRA.
constexpr std::int64_t kMaxRingQuota = 64;

enum class Algorithm : std::uint8_t {
  /// Generic cell rate algorithm: one time per key. Any window w admits <= burst + floor(w / T).
  Gcra,
  /// Log of the last `quota` grants: a grant needs the quota-th newest to be older than the window,
  /// so no window at all, wherever it begins, ever holds more than `quota`.
  Ring,
};

/// No window of `window` holds more than `quota` grants.
struct Policy {
  std::string name;
  Algorithm algorithm = Algorithm::Gcra;
  std::int64_t quota = 1;
  Micros window = kSecond;
  std::int64_t burst = 1;  ///< GCRA: at once from rest
  Micros interval = 1;     ///< GCRA: T, between grants in the long run

  /// 64-bit words of state of one key.
  std::size_t words() const {
    return algorithm == Algorithm::Gcra ? 1 : static_cast<std::size_t>(quota);
  }
};

/// `burst_share`: which part of the quota may be used at once (1/burst_share). `slack` is how much
/// older than its grant a use may be (leases): the quota then holds for the uses.
Policy gcra_policy(std::string name, std::int64_t quota, Micros window, std::int64_t burst_share,
                   Micros slack = 0);
Policy ring_policy(std::string name, std::int64_t quota, Micros window);

/// What a policy says of one key at one moment.
struct Standing {
  Micros wait = 0;             ///< 0: would be granted now; else it would after so long
  std::int64_t remaining = 0;  ///< grants possible at once
  Micros full_after = 0;       ///< until all of the quota is back
};

// The state of a key is policy.words() words, all zero for a key never seen. Nothing here asks a
// clock or keeps anything.

/// `quota` <= policy.quota lowers a ring's quota for this look (0: the policy's own).
Standing look(const Policy& policy, const Micros* state, Micros now, std::int64_t quota = 0);
/// Records a grant; returns the time it was recorded at, by which it can be taken back.
Micros spend(const Policy& policy, Micros* state, Micros now);
/// Takes a grant back as if it never was. Nothing happens when it is forgotten already.
void give_back(const Policy& policy, Micros* state, Micros granted_at, Micros now);

}  // namespace evently::limits
