#pragma once

#include <array>
#include <boost/container/static_vector.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "platform/limits/charges.hpp"
#include "platform/limits/keyed_hash.hpp"
#include "platform/limits/network.hpp"
#include "platform/limits/tiers.hpp"

namespace evently::limits {

/// One tier met by one subject: a network, a person, an account.
struct Use {
  Tier tier;
  bool is_site = false;  ///< the ceiling of a /48
  std::string subject;
};
/// All of a request: so few that they need no memory of their own.
using Uses = boost::container::static_vector<Use, kMaxCharges>;

/// The limits in force with the states of all their keys, shared by all workers. Thread-safe.
class LimitSet {
 public:
  /// `secret`: 32 bytes, the same on all nodes that share a store.
  LimitSet(const TierSettings& settings, std::string_view secret);

  bool is_on(Tier tier) const { return tables_[index(tier)] != nullptr; }

  // Append what a request uses; nothing when the tier is off.
  void use_net(Uses& uses, Tier tier, const Network& network) const;
  void use(Uses& uses, Tier tier, std::string_view subject) const;

  /// `store_lost`: with the lower quotas of a node that lost the shared store.
  Verdict spend(const Uses& uses, bool store_lost = false);
  Verdict look(const Uses& uses) const;
  void give_back(const Uses& uses, const Verdict& granted);
  /// As if nothing of them had ever been spent.
  void clear(const Uses& uses);

  const Policy& policy(const Use& use) const { return table(use).policy(); }
  /// As a shared store is to hold it: uses of a leased tier may be lease_time() older than there.
  std::vector<Policy> store_policies(const Uses& uses) const;
  Micros lease_time(const Use& use) const { return policy(use).window / 20; }
  std::uint64_t hash(const Use& use) const { return hash_(rule_of(use.tier).name, use.subject); }
  /// What a shared store keeps a use under: tells neither network nor person.
  std::string store_key(const Use& use) const;
  std::size_t bytes() const;

 private:
  static std::size_t index(Tier tier) { return static_cast<std::size_t>(tier); }
  LimitTable& table(const Use& use) const;
  struct Charges {
    std::array<Charge, kMaxCharges> all;
    std::size_t count = 0;
    operator std::span<const Charge>() const { return {all.data(), count}; }
  };
  Charges charges(const Uses& uses, bool store_lost) const;

  KeyedHash hash_;
  std::array<std::unique_ptr<LimitTable>, kTierCount> tables_;
  std::array<std::unique_ptr<LimitTable>, kTierCount> site_tables_;
};

}  // namespace evently::limits
