#include "platform/limits/charges.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>

namespace evently::limits {
namespace {

/// The shards of all charges, locked in one order so that two requests cannot wait for each other.
class Locks {
 public:
  explicit Locks(std::span<const Charge> charges) {
    if (charges.size() > kMaxCharges) throw std::length_error("too many charges");
    for (const Charge& charge : charges) mutexes_[count_++] = &charge.table->mutex(charge.hash);
    const auto all = std::span(mutexes_).first(count_);
    std::sort(all.begin(), all.end());
    count_ = static_cast<std::size_t>(std::unique(all.begin(), all.end()) - all.begin());
    for (std::size_t i = 0; i < count_; ++i) mutexes_[i]->lock();
  }
  ~Locks() {
    for (std::size_t i = 0; i < count_; ++i) mutexes_[i]->unlock();
  }
  Locks(const Locks&) = delete;
  Locks& operator=(const Locks&) = delete;

 private:
  std::array<std::mutex*, kMaxCharges> mutexes_{};
  std::size_t count_ = 0;
};

constexpr std::array<Micros, kMaxRingQuota> kNeverSeen{};

Verdict judge(std::span<const Charge> charges, std::span<Micros* const> states, Micros now) {
  Verdict verdict;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const Micros* const state = states[i] != nullptr ? states[i] : kNeverSeen.data();
    verdict.standings[i] = look(charges[i].table->policy(), state, now, charges[i].quota);
    if (verdict.standings[i].wait <= verdict.wait) continue;
    verdict.granted = false;
    verdict.wait = verdict.standings[i].wait;
    verdict.refused_by = i;
  }
  return verdict;
}

}  // namespace

Verdict spend_all(std::span<const Charge> charges, Micros now) {
  const Locks locks(charges);
  std::array<Micros*, kMaxCharges> states{};
  for (std::size_t i = 0; i < charges.size(); ++i) {
    states[i] = charges[i].table->claim(charges[i].hash, now);
  }
  Verdict verdict = judge(charges, states, now);
  if (!verdict.granted) return verdict;
  for (std::size_t i = 0; i < charges.size(); ++i) {
    const Policy& policy = charges[i].table->policy();
    verdict.granted_at[i] = spend(policy, states[i], now);
    verdict.standings[i] = look(policy, states[i], now, charges[i].quota);
  }
  return verdict;
}

Verdict look_all(std::span<const Charge> charges, Micros now) {
  const Locks locks(charges);
  std::array<Micros*, kMaxCharges> states{};
  for (std::size_t i = 0; i < charges.size(); ++i) {
    states[i] = charges[i].table->find(charges[i].hash);
  }
  return judge(charges, states, now);
}

void give_back_all(std::span<const Charge> charges, std::span<const Micros> granted_at,
                   Micros now) {
  const Locks locks(charges);
  for (std::size_t i = 0; i < charges.size(); ++i) {
    Micros* const state = charges[i].table->find(charges[i].hash);
    if (state != nullptr) give_back(charges[i].table->policy(), state, granted_at[i], now);
  }
}

Micros now_since_boot() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
}

}  // namespace evently::limits
