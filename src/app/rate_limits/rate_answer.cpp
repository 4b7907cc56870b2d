#include "app/rate_limits/rate_answer.hpp"

#include <iterator>
#include <random>

namespace evently::app {
namespace {

/// Spreads those who come back; nothing secret hangs on it.
double chance() {
  thread_local std::minstd_rand random(std::random_device{}());
  return std::uniform_real_distribution<double>(0, 1)(random);
}

/// The tier a caller knows: how sign-ins are counted beside their network is not his business.
std::string told_name(limits::Tier tier) {
  const limits::TierRule& rule = limits::rule_of(tier);
  const bool is_login = tier == limits::Tier::LoginPair || tier == limits::Tier::LoginAccount ||
                        tier == limits::Tier::Device;
  return std::string(is_login ? limits::rule_of(limits::Tier::Auth).name : rule.name);
}

}  // namespace

limits::HeaderLines standing_headers(const limits::LimitSet& limits, const limits::Uses& uses,
                                     const limits::Verdict& verdict) {
  std::array<limits::RateLine, limits::kMaxCharges> lines;
  std::size_t count = 0;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (uses[i].is_site || !limits::rule_of(uses[i].tier).is_told) continue;
    lines[count++] = {&limits.policy(uses[i]), verdict.standings[i]};
  }
  limits::HeaderLines headers;
  limits::add_rate_headers(headers, {lines.data(), count});
  return headers;
}

http::Problem rate_limited(const limits::LimitSet& limits, const limits::Uses& uses,
                           const limits::Verdict& verdict) {
  const std::int64_t seconds = limits::retry_after(verdict.wait, chance());
  http::Problem problem{429, "rate_limited", "Too many requests", {}, {}, {}};
  problem.members.emplace_back("tier", told_name(uses[verdict.refused_by].tier));
  problem.headers = standing_headers(limits, uses, verdict);
  problem.headers.emplace_back("Retry-After", std::to_string(seconds));
  return problem;
}

}  // namespace evently::app
