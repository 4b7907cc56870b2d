#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace evently::observability {

struct ErrorRecord {
  Uuid error_id;
  TimePoint at;
  std::string fingerprint;
  int status = 500;
  std::string method;
  std::string route;  ///< pattern
  std::string request_id;
  std::optional<Uuid> user_id;
  std::string message;          ///< cut at 500 bytes
  std::int32_t suppressed = 0;  ///< errors of this fingerprint left out around this row
};

/// What stands between a storm of errors and the error_log table: at most 10 rows a second and
/// fingerprint, 100 a second in all, 1,000 waiting; the rest is counted, in the rows (`suppressed`)
/// and in all. Thread-safe, no I/O.
class ErrorRing {
 public:
  /// False when the record was left out and only counted.
  bool accept(ErrorRecord record, std::chrono::steady_clock::time_point now);
  /// What is to be written, oldest first; each fingerprint's last row says how many were left out.
  std::vector<ErrorRecord> drain();
  std::uint64_t suppressed() const;

 private:
  struct Tally {
    std::chrono::steady_clock::time_point second_began{};
    int in_second = 0;
    std::int32_t suppressed = 0;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Tally> tallies_;
  Tally all_;
  std::vector<ErrorRecord> waiting_;
  std::uint64_t suppressed_ = 0;
};

}  // namespace evently::observability
