#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace evently {

/// UTC, microseconds: what PostgreSQL's timestamptz can hold.
using TimePoint = std::chrono::sys_time<std::chrono::microseconds>;

/// The time of day, so that tests can choose it. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
};

/// RFC 3339 in UTC with `Z`; a fraction only when there is one: 2026-11-24T09:30:00Z.
std::string to_rfc3339(TimePoint time);

/// RFC 3339 with any offset, up to 6 fractional digits, years 0001..9999; nullopt otherwise.
std::optional<TimePoint> parse_rfc3339(std::string_view text);

/// Midnight UTC of an ISO date, YYYY-MM-DD; nullopt when it is not a real day.
std::optional<TimePoint> parse_date(std::string_view text);

}  // namespace evently
