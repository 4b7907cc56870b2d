#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <mutex>

#include "platform/limits/policy.hpp"

namespace evently::limits {

/// States of one policy by key, in a table that never grows. A key lives in one bucket of eight
/// places; a new key takes a free place, one whose time is over, or that of the key that owes
/// least: what is forgotten is always the smallest. A key that is being refused is never forgotten:
/// when all eight are, a newcomer shares the place that is free soonest.
///
/// Thread-safe by shards: hold mutex(hash) around find() and claim() and what they return. Memory
/// is touched only as places are used.
class LimitTable {
 public:
  /// `places` is rounded up to a power of two, at least 512.
  LimitTable(Policy policy, std::size_t places);

  const Policy& policy() const { return policy_; }
  std::mutex& mutex(std::uint64_t hash) { return shards_[shard_of(hash)].mutex; }

  /// State of a key, or nullptr when it has none.
  Micros* find(std::uint64_t hash);
  /// State of a key, making room when it has none.
  Micros* claim(std::uint64_t hash, Micros now);

  std::size_t bytes() const { return places_ * stride_ * sizeof(Micros); }

 private:
  static constexpr std::size_t kShards = 64;
  static constexpr std::size_t kBucket = 8;
  struct alignas(64) Shard {
    std::mutex mutex;
  };
  struct Free {
    void operator()(Micros* words) const { std::free(words); }
  };

  std::size_t bucket_of(std::uint64_t hash) const { return hash & (places_ / kBucket - 1); }
  std::size_t shard_of(std::uint64_t hash) const { return bucket_of(hash) % kShards; }
  Micros* place(std::size_t bucket, std::size_t i) {
    return words_.get() + (bucket * kBucket + i) * stride_;
  }

  const Policy policy_;
  const std::size_t places_;
  const std::size_t stride_;  ///< words of one place: the key, then its state
  std::unique_ptr<Micros[], Free> words_;
  std::array<Shard, kShards> shards_;
};

}  // namespace evently::limits
