#include "app/rate_limits/lease_book.hpp"

#include <algorithm>

namespace evently::app {
namespace {

using limits::Micros;
using limits::Use;
using limits::Uses;

/// Per worker; 64 bytes each with what the map adds. Above it all are dropped: only leases are
/// lost.
constexpr std::size_t kMostLeases = 1 << 16;
constexpr std::int64_t kBlocksOfBurst = 16;

}  // namespace

const LeaseBook::Lease* LeaseBook::find(const Use& use) const {
  const auto found = leases_.find(limits_.hash(use));
  return found == leases_.end() ? nullptr : &found->second;
}

LeaseBook::Lease& LeaseBook::open(const Use& use, Micros now) {
  if (leases_.size() >= kMostLeases) {
    std::erase_if(leases_, [now](const auto& entry) {
      return entry.second.ends <= now && entry.second.refused_until <= now;
    });
  }
  if (leases_.size() >= kMostLeases) leases_.clear();
  return leases_[limits_.hash(use)];
}

Uses LeaseBook::missing(const Uses& uses, Micros now) const {
  Uses missing;
  for (const Use& use : uses) {
    if (!limits::is_leased(use.tier)) continue;
    const Lease* const lease = find(use);
    if (lease == nullptr || lease->left < 1 || lease->ends <= now) missing.push_back(use);
  }
  return missing;
}

std::optional<LeaseBook::Refused> LeaseBook::refused(const Uses& uses, Micros now) const {
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (!limits::is_leased(uses[i].tier)) continue;
    const Lease* const lease = find(uses[i]);
    if (lease == nullptr || lease->refused_until <= now) continue;
    if (lease->left < 1 || lease->ends <= now) return Refused{i, lease->refused_until - now};
  }
  return std::nullopt;
}

Uses LeaseBook::take(const Uses& uses, Micros now) {
  Uses low;
  for (const Use& use : uses) {
    const auto found = leases_.find(limits_.hash(use));
    if (found == leases_.end() || !limits::is_leased(use.tier)) continue;
    Lease& lease = found->second;
    if (lease.left < 1 || lease.ends <= now) continue;
    --lease.left;
    if (lease.left > lease.block / 2 || lease.is_renewed || lease.refused_until > now) continue;
    lease.is_renewed = true;
    low.push_back(use);
  }
  return low;
}

void LeaseBook::put(const Uses& uses, std::int64_t count, Micros asked_at) {
  for (const Use& use : uses) {
    Lease& lease = open(use, asked_at);
    lease.left = count;  // what was left of an older lease is lost: it must not live on in this one
    lease.block = count;
    lease.ends = asked_at + limits_.lease_time(use);
    lease.refused_until = 0;
    lease.is_renewed = false;
  }
}

void LeaseBook::put_refusal(const Use& use, Micros until) {
  Lease& lease = open(use, limits::now_since_boot());
  lease.refused_until = until;
  lease.is_renewed = false;
}

void LeaseBook::forget_renewal(const Uses& uses) {
  for (const Use& use : uses) {
    const auto found = leases_.find(limits_.hash(use));
    if (found != leases_.end()) found->second.is_renewed = false;
  }
}

std::int64_t LeaseBook::block(const Uses& uses) const {
  std::int64_t least = INT64_MAX;
  for (const Use& use : uses) {
    least = std::min(least, std::max<std::int64_t>(1, limits_.policy(use).burst / kBlocksOfBurst));
  }
  return least;
}

}  // namespace evently::app
