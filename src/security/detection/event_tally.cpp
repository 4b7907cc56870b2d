#include "security/detection/event_tally.hpp"

#include "security/detection/address_range.hpp"
#include "security/detection/event_names.hpp"

namespace evently::security {
namespace {

constexpr std::chrono::hours kKeepUnwritten{1};
constexpr char kOther[] = "other";

}  // namespace

void EventTally::add(const observability::SecurityEvent& event, TimePoint now) {
  const TimePoint minute = std::chrono::floor<std::chrono::minutes>(now);
  if (minute != minute_) keys_of_minute_.clear();
  minute_ = minute;
  const auto network = network_of(event.client_address);
  std::string key = network ? network->text() : "";
  if (!key.empty() && !keys_of_minute_.contains(key)) {
    if (keys_of_minute_.size() < kKeysPerMinute) {
      keys_of_minute_.insert(key);
    } else {
      key = kOther;
    }
  }
  ++waiting_[{minute, std::string(name_of(event.type)), std::move(key)}];
}

std::vector<TallyRow> EventTally::drain() {
  std::vector<TallyRow> rows;
  rows.reserve(waiting_.size());
  for (const auto& [key, count] : waiting_) {
    rows.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  }
  waiting_.clear();
  return rows;
}

void EventTally::put_back(const std::vector<TallyRow>& rows, TimePoint now) {
  for (const TallyRow& row : rows) {
    if (row.minute + kKeepUnwritten < now) continue;
    waiting_[{row.minute, row.type, row.key}] += row.count;
  }
}

}  // namespace evently::security
