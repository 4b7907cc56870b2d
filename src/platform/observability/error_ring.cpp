#include "platform/observability/error_ring.hpp"

#include <utility>

namespace evently::observability {
namespace {

constexpr int kPerFingerprint = 10;
constexpr int kInAll = 100;
constexpr std::size_t kMaxWaiting = 1000;
constexpr std::size_t kMaxFingerprints = 1000;
constexpr std::size_t kMaxMessageBytes = 500;

/// At most `size` bytes, cut between UTF-8 characters.
void cut(std::string& text, std::size_t size) {
  if (text.size() <= size) return;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xc0) == 0x80) --size;
  text.resize(size);
}

}  // namespace

bool ErrorRing::accept(ErrorRecord record, std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (tallies_.size() >= kMaxFingerprints && !tallies_.contains(record.fingerprint))
    tallies_.clear();
  Tally& own = tallies_[record.fingerprint];
  for (Tally* tally : {&own, &all_}) {
    if (now - tally->second_began < std::chrono::seconds(1)) continue;
    tally->second_began = now;
    tally->in_second = 0;
  }
  if (own.in_second >= kPerFingerprint || all_.in_second >= kInAll ||
      waiting_.size() >= kMaxWaiting) {
    ++own.suppressed;
    ++suppressed_;
    return false;
  }
  ++own.in_second;
  ++all_.in_second;
  record.suppressed = 0;
  cut(record.message, kMaxMessageBytes);
  waiting_.push_back(std::move(record));
  return true;
}

std::vector<ErrorRecord> ErrorRing::drain() {
  const std::lock_guard lock(mutex_);
  std::vector<ErrorRecord> taken;
  taken.swap(waiting_);
  for (auto row = taken.rbegin(); row != taken.rend(); ++row) {
    const auto tally = tallies_.find(row->fingerprint);
    if (tally != tallies_.end()) row->suppressed = std::exchange(tally->second.suppressed, 0);
  }
  return taken;
}

std::uint64_t ErrorRing::suppressed() const {
  const std::lock_guard lock(mutex_);
  return suppressed_;
}

}  // namespace evently::observability
