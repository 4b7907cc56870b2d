#include "platform/limits/policy.hpp"

#include <algorithm>

namespace evently::limits {
namespace {

Standing look_gcra(const Policy& policy, Micros arrival, Micros now) {
  // A clock that stepped back must not lock anybody out for longer than one full bucket.
  const Micros full = policy.interval * policy.burst;
  const Micros debt = std::clamp<Micros>(arrival - now, 0, full);
  const Micros late = debt + policy.interval - full;
  return {std::max<Micros>(late, 0), (full - debt) / policy.interval, debt};
}

Standing look_ring(const Policy& policy, const Micros* newest_first, Micros now,
                   std::int64_t quota) {
  const Micros gone = now - policy.window;
  std::int64_t live = 0;
  while (live < policy.quota && newest_first[live] > gone && newest_first[live] != 0) ++live;
  Standing standing;
  standing.remaining = std::max<std::int64_t>(quota - live, 0);
  if (live > 0) standing.full_after = newest_first[0] - gone;
  if (live >= quota) standing.wait = newest_first[quota - 1] - gone;
  return standing;
}

}  // namespace

Policy gcra_policy(std::string name, std::int64_t quota, Micros window, std::int64_t burst_share,
                   Micros slack) {
  Policy policy{std::move(name), Algorithm::Gcra, quota, window, 1, 1};
  policy.burst = std::max<std::int64_t>(1, quota / std::max<std::int64_t>(1, burst_share));
  policy.burst = std::min(policy.burst, std::max<std::int64_t>(1, quota - 1));
  const std::int64_t rest = quota - policy.burst;
  const Micros span = window + slack;
  // Rounded up: floor(span / T) <= rest. With nothing left beside the burst, T exceeds the window.
  policy.interval = rest > 0 ? (span + rest - 1) / rest : span + 1;
  return policy;
}

Policy ring_policy(std::string name, std::int64_t quota, Micros window) {
  return {std::move(name), Algorithm::Ring, quota, window, quota, window};
}

Standing look(const Policy& policy, const Micros* state, Micros now, std::int64_t quota) {
  if (policy.algorithm == Algorithm::Gcra) return look_gcra(policy, state[0], now);
  const bool lowered = quota > 0 && quota < policy.quota;
  return look_ring(policy, state, now, lowered ? quota : policy.quota);
}

Micros spend(const Policy& policy, Micros* state, Micros now) {
  if (policy.algorithm == Algorithm::Gcra) {
    const Micros full = policy.interval * policy.burst;
    state[0] = std::clamp(state[0], now, now + full) + policy.interval;
    return now;
  }
  const Micros at = std::max(now, state[0]);  // the log stays in order
  std::move_backward(state, state + policy.quota - 1, state + policy.quota);
  state[0] = at;
  return at;
}

void give_back(const Policy& policy, Micros* state, Micros granted_at, Micros now) {
  if (policy.algorithm == Algorithm::Gcra) {
    if (state[0] > now) state[0] -= policy.interval;
    return;
  }
  Micros* const end = state + policy.quota;
  Micros* const found = std::find(state, end, granted_at);
  if (found == end) return;
  std::move(found + 1, end, found);
  *(end - 1) = 0;
}

}  // namespace evently::limits
