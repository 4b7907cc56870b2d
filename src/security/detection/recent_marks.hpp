#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "base/clock.hpp"

namespace evently::security {

/// How many different marks each key got within a window: a ring of the newest marks a key, in a
/// table of fixed size. A full set of places gives up the key that was quiet longest (CLOCK).
/// O(1), not thread-safe.
class RecentMarks {
 public:
  static constexpr int kMostMarks = 32;

  /// `keys`: rounded up to a power of two; 280 bytes each.
  RecentMarks(std::size_t keys, std::chrono::seconds window);

  /// Notes `mark` under `key`; gives the number of different marks within the window, at most
  /// kMostMarks.
  int add(std::uint64_t key, std::uint64_t mark, TimePoint now);
  void forget(std::uint64_t key);

 private:
  static constexpr std::size_t kWays = 8;
  struct Mark {
    std::uint32_t at = 0;  ///< seconds since the epoch; 0: none
    std::uint32_t what = 0;
  };
  struct Entry {
    std::uint64_t key = 0;
    bool used = false;
    bool touched = false;
    std::uint32_t next = 0;
    std::array<Mark, kMostMarks> marks;
  };
  Entry* find(std::uint64_t key);
  Entry& place_of(std::uint64_t key);

  std::vector<Entry> entries_;
  std::vector<std::uint8_t> hands_;
  std::uint32_t window_;
};

}  // namespace evently::security
