#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "platform/limits/limit_set.hpp"

namespace evently::app {

/// Uses of steady tiers taken from the shared store in blocks, so that a request of the hot path
/// finds its own here. A lease that is not used in time is lost to this node, never to the limit.
/// One thread.
class LeaseBook {
 public:
  explicit LeaseBook(const limits::LimitSet& limits) : limits_(limits) {}

  /// Those of `uses` that need a lease first.
  limits::Uses missing(const limits::Uses& uses, limits::Micros now) const;
  /// The first of `uses` the store has refused until later, and how long that is.
  struct Refused {
    std::size_t use;
    limits::Micros wait;
  };
  std::optional<Refused> refused(const limits::Uses& uses, limits::Micros now) const;
  /// Takes one of each lease. Those now half empty, once each until put() or forget() is told.
  limits::Uses take(const limits::Uses& uses, limits::Micros now);

  /// `asked_at`: before the store was asked, so that the lease ends here before it does there.
  void put(const limits::Uses& uses, std::int64_t count, limits::Micros asked_at);
  void put_refusal(const limits::Use& use, limits::Micros until);
  void forget_renewal(const limits::Uses& uses);

  /// How many uses one lease holds: a sixteenth of what may be used at once.
  std::int64_t block(const limits::Uses& uses) const;

 private:
  struct Lease {
    std::int64_t left = 0;
    std::int64_t block = 0;
    limits::Micros ends = 0;
    limits::Micros refused_until = 0;
    bool is_renewed = false;
  };

  const Lease* find(const limits::Use& use) const;
  Lease& open(const limits::Use& use, limits::Micros now);

  const limits::LimitSet& limits_;
  std::unordered_map<std::uint64_t, Lease> leases_;
};

}  // namespace evently::app
