#include "events/event_snapshot.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <tuple>

#include "events/event_json.hpp"

namespace evently::events {
namespace {

using Time = std::chrono::steady_clock;
using Loaded = std::unordered_map<Uuid, std::shared_ptr<const OpenEvent>>;

/// Beyond this many open events the later ones are read from the database.
constexpr std::int64_t kMaxOpenEvents = 10'000;
/// Events loaded and rendered in one go; between two, others get their turn on the thread.
constexpr std::size_t kBatch = 250;
constexpr std::chrono::seconds kMaxWait{5};

bool is_current(const Event& event, const EventPulse& pulse) {
  return event.version == pulse.version && event.available == pulse.available;
}

std::vector<Uuid> changed_since(const EventPages& before, const std::vector<EventPulse>& pulses) {
  std::vector<Uuid> changed;
  for (const EventPulse& pulse : pulses) {
    const auto known = before.by_id.find(pulse.id);
    const bool same = known != before.by_id.end() && is_current(known->second->event, pulse);
    if (!same) changed.push_back(pulse.id);
  }
  return changed;
}

Task<Loaded> load(EventRepository& repository, postgres::TransactionOptions options,
                  std::vector<Uuid> ids) {
  Loaded loaded;
  for (std::size_t at = 0; at < ids.size(); at += kBatch) {
    const auto from = ids.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = ids.begin() + static_cast<std::ptrdiff_t>(std::min(at + kBatch, ids.size()));
    std::vector<Uuid> batch(from, to);
    auto events = co_await repository.list_by_ids(options, std::move(batch));
    for (Event& event : events) {
      std::string json = to_json(event);
      const Uuid id = event.id;
      loaded[id] = std::make_shared<const OpenEvent>(OpenEvent{std::move(event), std::move(json)});
    }
    co_await boost::asio::post(boost::asio::use_awaitable);
  }
  co_return loaded;
}

std::shared_ptr<EventPages> make_pages(const EventPages& before,
                                       const std::vector<EventPulse>& pulses, const Loaded& fresh) {
  auto pages = std::make_shared<EventPages>();
  pages->complete = static_cast<std::int64_t>(pulses.size()) < kMaxOpenEvents;
  for (const EventPulse& pulse : pulses) {
    const auto loaded = fresh.find(pulse.id);
    const auto known = before.by_id.find(pulse.id);
    if (loaded == fresh.end() && known == before.by_id.end()) continue;
    const auto& open = loaded != fresh.end() ? loaded->second : known->second;
    if (open->event.status != "active") continue;  // it closed between the two queries
    pages->by_date.push_back(open);
    pages->by_id[pulse.id] = open;
  }
  // An event may have been moved between the two queries.
  std::sort(pages->by_date.begin(), pages->by_date.end(), [](const auto& left, const auto& right) {
    return std::tie(left->event.event_date, left->event.id) <
           std::tie(right->event.event_date, right->event.id);
  });
  return pages;
}

}  // namespace

std::vector<const OpenEvent*> EventPages::after(const Event* position, std::size_t count) const {
  auto next = by_date.begin();
  if (position != nullptr) {
    next = std::upper_bound(by_date.begin(), by_date.end(), *position,
                            [](const Event& sought, const auto& open) {
                              return std::tie(sought.event_date, sought.id) <
                                     std::tie(open->event.event_date, open->event.id);
                            });
  }
  std::vector<const OpenEvent*> found;
  for (; next != by_date.end() && found.size() < count; ++next) found.push_back(next->get());
  return found;
}

std::shared_ptr<const EventPages> EventSnapshot::pages() const {
  const std::lock_guard lock(mutex_);
  return pages_;
}

Time::duration EventSnapshot::age() const {
  return Time::now().time_since_epoch() - Time::duration(taken_at_.load(std::memory_order_acquire));
}

Task<void> EventSnapshot::refresh(EventRepository& repository, postgres::Deadline deadline) {
  const std::uint64_t turn = ++begun_;
  const auto began = Time::now();
  const postgres::TransactionOptions options{
      "", true, std::min(deadline, postgres::Deadline(began + kMaxWait))};
  const std::shared_ptr<const EventPages> before = pages();
  const auto pulses = co_await repository.list_pulses(options, kMaxOpenEvents);
  const std::vector<Uuid> changed = changed_since(*before, pulses);

  std::shared_ptr<const EventPages> after = before;
  if (!changed.empty() || pulses.size() != before->by_date.size()) {
    const Loaded fresh = co_await load(repository, options, changed);
    auto made = make_pages(*before, pulses, fresh);
    made->generation = turn;
    after = std::move(made);
  }
  const std::lock_guard lock(mutex_);
  if (turn < installed_) co_return;
  installed_ = turn;
  pages_ = after;
  generation_.store(after->generation, std::memory_order_release);
  taken_at_.store(began.time_since_epoch().count(), std::memory_order_release);
}

}  // namespace evently::events
