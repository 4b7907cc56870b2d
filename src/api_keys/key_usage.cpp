#include "api_keys/key_usage.hpp"

#include <algorithm>

namespace evently::api_keys {
namespace {

constexpr std::size_t kMaxKeys = 10'000;

}  // namespace

void KeyUsage::note(const Uuid& key_id, TimePoint at) {
  const std::lock_guard lock(mutex_);
  auto found = uses_.find(key_id);
  if (found == uses_.end()) {
    if (uses_.size() == kMaxKeys) {
      ++uncounted_;
      return;
    }
    found = uses_.emplace(key_id, Use{key_id, 0, at}).first;
  }
  ++found->second.calls;
  found->second.last = std::max(found->second.last, at);
}

std::vector<KeyUsage::Use> KeyUsage::pending() const {
  const std::lock_guard lock(mutex_);
  std::vector<Use> uses;
  uses.reserve(uses_.size());
  for (const auto& [id, use] : uses_) uses.push_back(use);
  return uses;
}

void KeyUsage::written(const std::vector<Use>& uses) {
  const std::lock_guard lock(mutex_);
  for (const Use& use : uses) {
    const auto found = uses_.find(use.key_id);
    if (found == uses_.end()) continue;
    found->second.calls -= use.calls;
    if (found->second.calls == 0) uses_.erase(found);
  }
}

std::uint64_t KeyUsage::uncounted() const {
  const std::lock_guard lock(mutex_);
  return uncounted_;
}

}  // namespace evently::api_keys
