#include "platform/limits/rate_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace evently::limits {
namespace {

void append(std::string& out, std::string_view label, std::int64_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out += label;
  out.append(digits.data(), end);
}

std::int64_t whole_seconds(Micros time) { return (time + kSecond - 1) / kSecond; }

void open_item(std::string& out, const Policy& policy) {
  if (!out.empty()) out += ", ";
  out += '"';
  out += policy.name;
  out += '"';
}

}  // namespace

void add_rate_headers(HeaderLines& headers, std::span<const RateLine> lines) {
  if (lines.empty()) return;
  std::string policies;
  std::string standings;
  policies.reserve(32 * lines.size());
  standings.reserve(32 * lines.size());
  const RateLine* least = &lines.front();
  for (const RateLine& line : lines) {
    open_item(policies, *line.policy);
    append(policies, ";q=", line.policy->quota);
    append(policies, ";w=", line.policy->window / kSecond);
    open_item(standings, *line.policy);
    append(standings, ";r=", line.standing.remaining);
    append(standings, ";t=", whole_seconds(line.standing.full_after));
    if (line.standing.remaining < least->standing.remaining) least = &line;
  }
  headers.reserve(headers.size() + 5);
  headers.emplace_back("RateLimit-Policy", std::move(policies));
  headers.emplace_back("RateLimit", std::move(standings));
  headers.emplace_back("RateLimit-Limit", std::to_string(least->policy->quota));
  headers.emplace_back("RateLimit-Remaining", std::to_string(least->standing.remaining));
  headers.emplace_back("RateLimit-Reset",
                       std::to_string(whole_seconds(least->standing.full_after)));
}

std::int64_t retry_after(Micros wait, double chance) {
  const std::int64_t seconds = std::max<std::int64_t>(1, whole_seconds(wait));
  return seconds + static_cast<std::int64_t>(static_cast<double>(seconds) * chance / 10);
}

}  // namespace evently::limits
