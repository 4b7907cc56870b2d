#include "security/detection/incidents.hpp"

namespace evently::security {

const Incident* Incidents::add(const Finding& finding, TimePoint now) {
  const Key key(finding.kind, finding.key);
  const auto known = open_.find(key);
  if (known != open_.end()) {
    known->second.count += finding.count;
    known->second.unwritten += finding.count;
    known->second.last_at = now;
    if (!finding.network.empty()) known->second.last_network = finding.network;
    return nullptr;
  }
  if (open_.size() >= kMostOpen && !is_decoy(finding.kind)) {
    ++left_out_;
    return nullptr;
  }
  Incident incident{make_uuid_v7(), finding.kind, finding.key, now, now,
                    finding.count,  finding.count};
  incident.last_network = finding.network;
  return &open_.emplace(key, std::move(incident)).first->second;
}

std::vector<Incident> Incidents::close_quiet(TimePoint now) {
  std::vector<Incident> closed;
  for (auto entry = open_.begin(); entry != open_.end();) {
    if (entry->second.last_at + kQuiet > now || entry->second.unwritten > 0) {
      ++entry;
      continue;
    }
    closed.push_back(std::move(entry->second));
    entry = open_.erase(entry);
  }
  return closed;
}

std::vector<Incident> Incidents::take_unwritten() {
  std::vector<Incident> changed;
  for (auto& [key, incident] : open_) {
    if (incident.unwritten == 0) continue;
    incident.id = make_uuid_v7();  // the row of the last one may be closed by now
    changed.push_back(incident);
    incident.unwritten = 0;
  }
  return changed;
}

void Incidents::put_back(const std::vector<Incident>& incidents) {
  for (const Incident& incident : incidents) {
    const auto known = open_.find(Key(incident.kind, incident.key));
    if (known == open_.end()) continue;
    known->second.unwritten += incident.unwritten;
    if (!known->second.is_known) untold_.push_back(known->first);
  }
}

std::vector<Incident> Incidents::confirm(const std::vector<Incident>& written,
                                         const std::set<Uuid>& made) {
  std::vector<Incident> opened;
  for (const Incident& incident : written) {
    const auto known = open_.find(Key(incident.kind, incident.key));
    if (known == open_.end()) continue;
    if (made.contains(incident.id) && !known->second.is_told_early) opened.push_back(incident);
    known->second.is_known = true;
    known->second.is_told_early = false;
  }
  return opened;
}

std::vector<Incident> Incidents::take_untold() {
  std::vector<Incident> untold;
  for (const Key& key : untold_) {
    const auto known = open_.find(key);
    if (known == open_.end() || known->second.is_known) continue;
    known->second.is_known = known->second.is_told_early = true;
    untold.push_back(known->second);
  }
  untold_.clear();
  return untold;
}

}  // namespace evently::security
