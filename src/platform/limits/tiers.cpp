#include "platform/limits/tiers.hpp"

#include <charconv>

namespace evently::limits {
namespace {

constexpr std::int64_t kMaxQuota = 1'000'000'000;
constexpr std::int64_t kMaxSeconds = 7 * 86'400;

std::optional<std::int64_t> read_number(std::string_view text, std::int64_t most) {
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [at, failed] = std::from_chars(text.data(), end, value);
  if (failed != std::errc() || at != end || value < 1 || value > most) return std::nullopt;
  return value;
}

std::string names() {
  std::string list;
  for (const TierRule& rule : kTiers) {
    if (!list.empty()) list += ", ";
    list += rule.name;
  }
  return list;
}

std::optional<TierSetting> read_setting(std::string_view text) {
  if (text == "off") return TierSetting{false, 1, 1};
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto quota = read_number(text.substr(0, slash), kMaxQuota);
  const auto seconds = read_number(text.substr(slash + 1), kMaxSeconds);
  if (!quota || !seconds) return std::nullopt;
  return TierSetting{true, *quota, *seconds};
}

/// Empty when the line is good and taken.
std::string take_line(const std::string& line, TierSettings& settings) {
  const std::size_t equals = std::min(line.find('='), line.size());
  const std::string name = line.substr(0, equals);
  const auto tier = tier_named(name);
  if (!tier) return "there is no tier " + name + "; there are " + names();
  const auto setting =
      equals < line.size() ? read_setting(std::string_view(line).substr(equals + 1)) : std::nullopt;
  if (!setting) {
    return "want " + name + "=COUNT/SECONDS or " + name + "=off, COUNT from 1 to 1000000000, " +
           "SECONDS from 1 to 604800";
  }
  const bool is_strict = rule_of(*tier).algorithm == Algorithm::Ring;
  if (setting->is_on && is_strict && setting->quota > kMaxRingQuota) {
    return name + " is exact in every window and takes a COUNT of 64 at most";
  }
  settings[static_cast<std::size_t>(*tier)] = *setting;
  return "";
}

}  // namespace

const TierRule& rule_of(Tier tier) { return kTiers[static_cast<std::size_t>(tier)]; }

std::optional<Tier> tier_named(std::string_view name) {
  for (const TierRule& rule : kTiers) {
    if (rule.name == name) return rule.tier;
  }
  return std::nullopt;
}

TierSettings default_limits() {
  TierSettings settings;
  for (const TierRule& rule : kTiers) {
    settings[static_cast<std::size_t>(rule.tier)] = {!rule.is_optional, rule.quota, rule.seconds};
  }
  return settings;
}

TierSettings read_limits(const std::vector<std::string>& lines, std::vector<std::string>& faults) {
  TierSettings settings = default_limits();
  for (const std::string& line : lines) {
    const std::string fault = take_line(line, settings);
    if (!fault.empty())
      faults.push_back(std::string("--limit ").append(line).append(": ").append(fault));
  }
  return settings;
}

Policy policy_of(Tier tier, const TierSetting& setting, Micros slack) {
  const TierRule& rule = rule_of(tier);
  const Micros window = setting.seconds * kSecond;
  if (rule.algorithm == Algorithm::Ring) {
    return ring_policy(std::string(rule.name), setting.quota, window);
  }
  return gcra_policy(std::string(rule.name), setting.quota, window, rule.burst_share, slack);
}

Policy site_policy_of(Tier tier, const TierSetting& setting, Micros slack) {
  const TierRule& rule = rule_of(tier);
  // Beside a ring's quota, all of which may be used at once, half is a fair burst.
  const std::int64_t share = rule.algorithm == Algorithm::Ring ? 2 : rule.burst_share;
  return gcra_policy(std::string(rule.name), setting.quota * kSiteQuota, setting.seconds * kSecond,
                     share, slack);
}

}  // namespace evently::limits
