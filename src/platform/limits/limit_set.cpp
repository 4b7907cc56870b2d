#include "platform/limits/limit_set.hpp"

#include <algorithm>
#include <mutex>
#include <stdexcept>

namespace evently::limits {
namespace {

/// A longer log takes the room of others: the table's bytes stay what they are by default.
std::size_t places_for(const TierRule& rule, const Policy& policy) {
  const auto by_default = policy_of(rule.tier, {true, rule.quota, rule.seconds}).words() + 1;
  std::size_t places = rule.places;
  while (places * (policy.words() + 1) > rule.places * by_default) places /= 2;
  return places;
}

bool has_sites(const TierRule& rule) {
  return rule.counted == Counted::Net || rule.counted == Counted::UserOrNet;
}

/// A /48 is met by many /64s: fewer of them matter.
constexpr std::size_t kSitePlaces = 4;

}  // namespace

LimitSet::LimitSet(const TierSettings& settings, std::string_view secret) : hash_(secret) {
  for (const TierRule& rule : kTiers) {
    const TierSetting& setting = settings[index(rule.tier)];
    if (!setting.is_on) continue;
    Policy policy = policy_of(rule.tier, setting);
    const std::size_t places = places_for(rule, policy);
    tables_[index(rule.tier)] = std::make_unique<LimitTable>(std::move(policy), places);
    if (!has_sites(rule)) continue;
    site_tables_[index(rule.tier)] =
        std::make_unique<LimitTable>(site_policy_of(rule.tier, setting), rule.places / kSitePlaces);
  }
}

void LimitSet::use_net(Uses& uses, Tier tier, const Network& network) const {
  if (!is_on(tier)) return;
  uses.push_back({tier, false, network.net});
  if (!network.site.empty()) uses.push_back({tier, true, network.site});
}

void LimitSet::use(Uses& uses, Tier tier, std::string_view subject) const {
  if (is_on(tier)) uses.push_back({tier, false, std::string(subject)});
}

LimitTable& LimitSet::table(const Use& use) const {
  return use.is_site ? *site_tables_[index(use.tier)] : *tables_[index(use.tier)];
}

LimitSet::Charges LimitSet::charges(const Uses& uses, bool store_lost) const {
  if (uses.size() > kMaxCharges) throw std::length_error("too many uses");
  Charges charges;
  for (const Use& use : uses) {
    const TierRule& rule = rule_of(use.tier);
    const std::int64_t quota = store_lost && !use.is_site ? rule.lost_quota : 0;
    charges.all[charges.count++] = {&table(use), hash(use), quota};
  }
  return charges;
}

Verdict LimitSet::spend(const Uses& uses, bool store_lost) {
  if (uses.empty()) return {};
  return spend_all(charges(uses, store_lost), now_since_boot());
}

Verdict LimitSet::look(const Uses& uses) const {
  if (uses.empty()) return {};
  return look_all(charges(uses, false), now_since_boot());
}

void LimitSet::give_back(const Uses& uses, const Verdict& granted) {
  if (!uses.empty()) give_back_all(charges(uses, false), granted.granted_at, now_since_boot());
}

void LimitSet::clear(const Uses& uses) {
  for (const Use& use : uses) {
    LimitTable& states = table(use);
    const std::uint64_t key = hash(use);
    const std::lock_guard lock(states.mutex(key));
    Micros* const state = states.find(key);
    if (state != nullptr) std::fill_n(state, states.policy().words(), Micros{0});
  }
}

std::vector<Policy> LimitSet::store_policies(const Uses& uses) const {
  std::vector<Policy> policies;
  for (const Use& use : uses) {
    policies.push_back(policy(use));
    if (!is_leased(use.tier)) continue;
    policies.back() =
        gcra_policy(policies.back().name, policies.back().quota, policies.back().window,
                    rule_of(use.tier).burst_share, lease_time(use));
  }
  return policies;
}

std::string LimitSet::store_key(const Use& use) const {
  const std::string_view name = rule_of(use.tier).name;
  // One hash tag: a script's keys must stand on one node of a cluster.
  return "evently:{limits}:" + std::string(name) + (use.is_site ? ":s:" : ":") +
         hash_.wide(name, use.subject);
}

std::size_t LimitSet::bytes() const {
  std::size_t sum = 0;
  for (const auto& table : tables_) sum += table ? table->bytes() : 0;
  for (const auto& table : site_tables_) sum += table ? table->bytes() : 0;
  return sum;
}

}  // namespace evently::limits
