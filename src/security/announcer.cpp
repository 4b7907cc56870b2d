#include "security/announcer.hpp"

#include <utility>

#include "platform/observability/log.hpp"

namespace evently::security {

Announcer::Announcer(observability::Metrics& metrics) : metrics_(metrics) {
  for (const Rule& rule : kRules) {
    metrics_.declare("evently_security_alerts_total", "kind", rule.name);
  }
}

bool Announcer::Budget::take(bool always, TimePoint now) {
  if (now >= since_ + std::chrono::minutes(1)) {
    since_ = now;
    used_ = 0;
  }
  if (always || ++used_ <= kAMinute) return true;
  ++left_out_;
  return false;
}

std::int64_t Announcer::Budget::take_left_out() { return std::exchange(left_out_, 0); }

void Announcer::log(const Incident& incident, bool is_open, TimePoint now) {
  const std::string_view name = rule_of(incident.kind).name;
  if (is_open) metrics_.count("evently_security_alerts_total", "kind", name);
  if (!lines_.take(is_decoy(incident.kind), now)) return;
  observability::log(observability::Level::Warning, "security.alert",
                     {{"kind", name},
                      {"state", is_open ? "open" : "closed"},
                      {"key", std::string_view(incident.key)},
                      {"last_network", std::string_view(incident.last_network)},
                      {"count", incident.count},
                      {"left_out", lines_.take_left_out()}});
}

void Announcer::tell(AlertNote note, TimePoint now) {
  const bool always = note.kind == rule_of(AlertKind::HoneytokenTouched).name;
  if (outlets_.empty() || !notes_.take(always, now)) return;
  note.id = make_uuid_v7();
  note.left_out = notes_.take_left_out();
  for (AlertOutlet* outlet : outlets_) outlet->tell(note, now);
}

void Announcer::tell_opened(const Incident& incident, TimePoint now) {
  AlertNote note;
  note.kind = rule_of(incident.kind).name;
  note.key = incident.key;
  if (!incident.last_network.empty()) note.last_network = incident.last_network;
  note.count = incident.count;
  note.opened_at = incident.opened_at;
  note.last_at = incident.last_at;
  tell(std::move(note), now);
}

void Announcer::tick(TimePoint now) {
  for (AlertOutlet* outlet : outlets_) outlet->tick(now);
}

}  // namespace evently::security
