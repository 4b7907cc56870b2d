#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "base/clock.hpp"
#include "platform/observability/security_event.hpp"

namespace evently::security {

/// One row of ops.security_events, or what is to be added to it.
struct TallyRow {
  TimePoint minute;
  std::string type;
  std::string key;  ///< the client's network, "other", or "" when there is none
  std::int64_t count = 0;
};

/// Adds events up by (minute, type, key), so that an attack cannot fill the database: a minute has
/// at most kKeysPerMinute networks, everybody after them is "other". Not thread-safe.
class EventTally {
 public:
  static constexpr std::size_t kKeysPerMinute = 1000;

  void add(const observability::SecurityEvent& event, TimePoint now);
  /// What came since the last call, in the order of the key: nodes that write at once take locks in
  /// the same order.
  std::vector<TallyRow> drain();
  /// Rows that could not be written wait for the next drain; older than an hour they are let go.
  void put_back(const std::vector<TallyRow>& rows, TimePoint now);

 private:
  using Key = std::tuple<TimePoint, std::string, std::string>;
  std::map<Key, std::int64_t> waiting_;
  TimePoint minute_;
  std::set<std::string> keys_of_minute_;
};

}  // namespace evently::security
