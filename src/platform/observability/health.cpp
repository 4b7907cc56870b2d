#include "platform/observability/health.hpp"

#include "base/unreachable.hpp"

namespace evently::observability {

std::string_view to_string(Condition condition) {
  switch (condition) {
    case Condition::Up:
      return "up";
    case Condition::Degraded:
      return "degraded";
    case Condition::Down:
      return "down";
  }
  unreachable("Condition");
}

Dependency::Dependency(std::string name, bool required, const Clock& clock)
    : name_(std::move(name)),
      required_(required),
      clock_(clock),
      since_us_(clock.now().time_since_epoch().count()) {}

void Dependency::set(Condition condition) {
  if (condition_.load(std::memory_order_relaxed) == condition) return;
  if (condition_.exchange(condition) == condition) return;  // another thread was first
  since_us_.store(clock_.now().time_since_epoch().count());
}

TimePoint Dependency::since() const {
  return TimePoint(std::chrono::microseconds(since_us_.load()));
}

Dependency& Health::dependency(std::string_view name, bool required) {
  const std::lock_guard lock(mutex_);
  for (Dependency& known : dependencies_) {
    if (known.name() == name) return known;
  }
  return dependencies_.emplace_back(std::string(name), required, clock_);
}

Condition Health::overall() const {
  const std::lock_guard lock(mutex_);
  Condition worst = Condition::Up;
  for (const Dependency& dependency : dependencies_) {
    const Condition condition = dependency.condition();
    if (condition == Condition::Up) continue;
    if (condition == Condition::Down && dependency.is_required()) return Condition::Down;
    worst = Condition::Degraded;
  }
  return worst;
}

std::vector<DependencyState> Health::states() const {
  const std::lock_guard lock(mutex_);
  std::vector<DependencyState> states;
  states.reserve(dependencies_.size());
  for (const Dependency& dependency : dependencies_) {
    states.push_back(
        {dependency.name(), dependency.is_required(), dependency.condition(), dependency.since()});
  }
  return states;
}

}  // namespace evently::observability
