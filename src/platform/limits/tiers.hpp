#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/limits/policy.hpp"

namespace evently::limits {

/// The named limits; docs/limits.md describes each. Names are public API: add, never rename.
enum class Tier : std::uint8_t {
  Global,
  Read,
  Booking,
  Auth,
  LoginPair,
  LoginAccount,
  Device,
  Register,
  Reset,
  Resend,
  Export,
  Erase,
  ApiKey,
  BookingNew,
};
constexpr std::size_t kTierCount = 14;

/// Whose uses are counted together.
enum class Counted : std::uint8_t {
  Net,        ///< client network, and its /48 at eight times the quota
  UserOrNet,  ///< the person when one is signed in, else the network
  User,
  Account,  ///< blind index of the submitted address, whether it exists or not
  AccountAndNet,
  Device,  ///< a browser that has signed in before
  Key,     ///< an API key that the door knows
};

struct TierRule {
  Tier tier;
  std::string_view name;
  Counted counted;
  Algorithm algorithm;
  std::int64_t quota;
  std::int64_t seconds;
  std::int64_t burst_share;  ///< GCRA: 1/burst_share of the quota may be used at once
  std::size_t places;        ///< keys remembered at once, see LimitTable
  bool is_told;              ///< its standing is shown in answers
  std::int64_t lost_quota;   ///< quota while the shared store is away; 0: the same
  bool is_optional = false;  ///< off until --limit gives it a count
};

// `login-account`, `reset` and `resend` are counted by PostgreSQL, and have no places to speak of.
// `places` sum to < 64 MiB with everything full; a test counts.
constexpr std::array<TierRule, kTierCount> kTiers{{
    {Tier::Global, "global", Counted::Net, Algorithm::Gcra, 10'000, 900, 10, 1 << 19, true, 0},
    {Tier::Read, "read", Counted::UserOrNet, Algorithm::Gcra, 1'260, 60, 21, 1 << 18, true, 0},
    {Tier::Booking, "booking", Counted::User, Algorithm::Ring, 5, 60, 1, 1 << 19, true, 0},
    {Tier::Auth, "auth", Counted::Net, Algorithm::Ring, 5, 900, 1, 1 << 16, true, 3},
    {Tier::LoginPair, "login-pair", Counted::AccountAndNet, Algorithm::Ring, 5, 900, 1, 1 << 16,
     false, 3},
    {Tier::LoginAccount, "login-account", Counted::Account, Algorithm::Ring, 10, 3600, 1, 1 << 9,
     false, 0},
    {Tier::Device, "device", Counted::Device, Algorithm::Ring, 10, 900, 1, 1 << 14, false, 0},
    {Tier::Register, "register", Counted::Net, Algorithm::Gcra, 60, 3600, 2, 1 << 16, true, 0},
    {Tier::Reset, "reset", Counted::Account, Algorithm::Ring, 3, 3600, 1, 1 << 9, false, 0},
    {Tier::Resend, "resend", Counted::Account, Algorithm::Ring, 3, 3600, 1, 1 << 9, false, 0},
    {Tier::Export, "export", Counted::User, Algorithm::Ring, 1, 86'400, 1, 1 << 14, true, 0},
    {Tier::Erase, "erase", Counted::User, Algorithm::Ring, 3, 86'400, 1, 1 << 14, true, 0},
    {Tier::ApiKey, "api-key", Counted::Key, Algorithm::Gcra, 600, 60, 10, 1 << 16, true, 0},
    {Tier::BookingNew, "booking-new", Counted::Net, Algorithm::Gcra, 60, 3600, 3, 1 << 16, true, 0,
     true},
}};

/// An account younger than this also meets `booking-new`: whoever makes accounts to get round what
/// a person may have must make them a day ahead.
constexpr std::chrono::hours kNewAccount{24};

/// Ceiling of a /48: a client who rotates /64s meets it.
constexpr std::int64_t kSiteQuota = 8;

const TierRule& rule_of(Tier tier);

/// The tiers of the hot path, which ask a shared store once for a block of uses.
constexpr bool is_leased(Tier tier) {
  return tier == Tier::Global || tier == Tier::Read || tier == Tier::ApiKey;
}
std::optional<Tier> tier_named(std::string_view name);

/// The limits in force; off where there is none.
struct TierSetting {
  bool is_on = true;
  std::int64_t quota = 1;
  std::int64_t seconds = 1;
};
using TierSettings = std::array<TierSetting, kTierCount>;

TierSettings default_limits();
/// Defaults, changed by lines TIER=COUNT/SECONDS or TIER=off. Every wrong line adds one fault.
TierSettings read_limits(const std::vector<std::string>& lines, std::vector<std::string>& faults);

/// `slack`: see gcra_policy.
Policy policy_of(Tier tier, const TierSetting& setting, Micros slack = 0);
/// The /48's: always a GCRA, with kSiteQuota times as many.
Policy site_policy_of(Tier tier, const TierSetting& setting, Micros slack = 0);

}  // namespace evently::limits
