#include "base/clock.hpp"

#include <array>
#include <cstdio>

namespace evently {
namespace {

using std::chrono::microseconds;

/// Exactly `count` digits from `at`, or nothing.
std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

std::optional<std::chrono::sys_days> parse_day(std::string_view text) {
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day || text[4] != '-' || text[7] != '-' || *year < 1) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return std::chrono::sys_days(date);
}

/// `Z` or ±hh:mm at the end of the text; minutes to subtract.
std::optional<int> parse_offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return std::nullopt;
  const auto hours = digits(text, 1, 2);
  const auto minutes = digits(text, 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const int total = *hours * 60 + *minutes;
  return text[0] == '-' ? -total : total;
}

}  // namespace

TimePoint SystemClock::now() const {
  return std::chrono::floor<microseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(TimePoint time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, 40> out{};
  int size = std::snprintf(
      out.data(), out.size(), "%04d-%02u-%02uT%02d:%02d:%02d", static_cast<int>(date.year()),
      static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
      static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
      static_cast<int>(clock.seconds().count()));
  std::string text(out.data(), static_cast<std::size_t>(size));
  if (clock.subseconds().count() != 0) {
    size = std::snprintf(out.data(), out.size(), ".%06d",
                         static_cast<int>(clock.subseconds().count()));
    text.append(out.data(), static_cast<std::size_t>(size));
  }
  return text + "Z";
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || (text[10] != 'T' && text[10] != 't')) return std::nullopt;
  const auto day = parse_day(text.substr(0, 10));
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!day || !hour || !minute || !second || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  if (*hour > 23 || *minute > 59 || *second > 59) return std::nullopt;

  std::size_t at = 19;
  int micros = 0;
  if (text[at] == '.') {
    std::size_t count = 0;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, ++count) {
      if (count < 6) micros = micros * 10 + (text[at] - '0');
    }
    if (count == 0 || count > 6) return std::nullopt;
    for (; count < 6; ++count) micros *= 10;
  }
  const auto offset = parse_offset(text.substr(at));
  if (!offset) return std::nullopt;

  const TimePoint time = TimePoint(*day) + std::chrono::hours(*hour) +
                         std::chrono::minutes(*minute - *offset) + std::chrono::seconds(*second) +
                         microseconds(micros);
  const std::chrono::year_month_day utc(std::chrono::floor<std::chrono::days>(time));
  if (utc.year() < std::chrono::year(1) || utc.year() > std::chrono::year(9999))
    return std::nullopt;
  return time;
}

std::optional<TimePoint> parse_date(std::string_view text) {
  if (text.size() != 10) return std::nullopt;
  const auto day = parse_day(text);
  if (!day) return std::nullopt;
  return TimePoint(*day);
}

}  // namespace evently
