#include "security/detection/recent_marks.hpp"

#include <bit>

namespace evently::security {

RecentMarks::RecentMarks(std::size_t keys, std::chrono::seconds window)
    : entries_(std::bit_ceil(std::max(keys, kWays))),
      hands_(entries_.size() / kWays),
      window_(static_cast<std::uint32_t>(window.count())) {}

RecentMarks::Entry* RecentMarks::find(std::uint64_t key) {
  Entry* first = &entries_[(key & (hands_.size() - 1)) * kWays];
  for (Entry* entry = first; entry != first + kWays; ++entry) {
    if (entry->used && entry->key == key) return entry;
  }
  return nullptr;
}

RecentMarks::Entry& RecentMarks::place_of(std::uint64_t key) {
  if (Entry* known = find(key)) return *known;
  const std::size_t set = key & (hands_.size() - 1);
  while (true) {  // ends within two rounds: the first clears what was touched
    Entry& entry = entries_[set * kWays + hands_[set]];
    hands_[set] = static_cast<std::uint8_t>((hands_[set] + 1) % kWays);
    if (entry.used && entry.touched) {
      entry.touched = false;
      continue;
    }
    entry = Entry{};
    entry.key = key;
    entry.used = true;
    return entry;
  }
}

int RecentMarks::add(std::uint64_t key, std::uint64_t mark, TimePoint now) {
  const auto seconds = static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  const auto what = static_cast<std::uint32_t>(mark ^ (mark >> 32));
  Entry& entry = place_of(key);
  entry.touched = true;
  int fresh = 0;
  Mark* same = nullptr;
  for (Mark& one : entry.marks) {
    if (one.at == 0 || one.at + window_ <= seconds) continue;
    ++fresh;
    if (one.what == what) same = &one;
  }
  if (same != nullptr) {
    same->at = seconds;
    return fresh;
  }
  entry.marks[entry.next] = {seconds, what};
  entry.next = (entry.next + 1) % kMostMarks;
  return std::min(fresh + 1, kMostMarks);
}

void RecentMarks::forget(std::uint64_t key) {
  if (Entry* known = find(key)) *known = Entry{};
}

}  // namespace evently::security
