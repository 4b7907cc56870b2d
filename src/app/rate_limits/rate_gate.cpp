#include "app/rate_limits/rate_gate.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <stdexcept>

#include "app/rate_limits/device_cookie.hpp"
#include "app/rate_limits/rate_answer.hpp"

namespace evently::app {

using limits::Counted;
using limits::Tier;

namespace {

std::string_view bytes_of(const Uuid& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

/// Those counted request by request.
limits::Uses strict_of(const limits::Uses& uses) {
  limits::Uses strict;
  for (const limits::Use& use : uses) {
    if (!limits::is_leased(use.tier)) strict.push_back(use);
  }
  return strict;
}

/// Ids of people are of version 7: they tell their age without a question to the database.
bool is_new_account(const Uuid& user_id) {
  const auto made = made_at(user_id);
  return made && SystemClock().now() - *made < limits::kNewAccount;
}

/// When the use of the route's strict tier was granted: it stands before others of its kind.
std::int64_t strict_grant(const limits::Uses& uses, const limits::Verdict& verdict) {
  for (std::size_t i = 0; i < uses.size(); ++i) {
    if (!limits::is_leased(uses[i].tier)) return verdict.granted_at[i];
  }
  return 0;
}

}  // namespace

void RateGate::check_tiers(const std::vector<http::Route>& routes) {
  for (const http::Route& route : routes) {
    if (route.tier.empty() || route.tier == http::kUnlimited) continue;
    if (!limits::tier_named(route.tier)) throw std::logic_error("no such tier: " + route.path);
  }
}

limits::Uses RateGate::uses_of(const http::Request& request, std::optional<Tier> tier) const {
  const limits::Network network = limits::network_of(request.client_address);
  limits::Uses uses;
  limits_.use_net(uses, Tier::Global, network);
  if (request.principal && request.principal->by_key) {
    limits_.use(uses, Tier::ApiKey, bytes_of(request.principal->session_id));
  }
  if (!tier || *tier == Tier::Auth) return uses;  // auth counts failures: the sign-in guard does
  const Counted counted = limits::rule_of(*tier).counted;
  const bool by_user = counted == Counted::User || counted == Counted::UserOrNet;
  if (by_user && request.principal) {
    limits_.use(uses, *tier, bytes_of(request.principal->user_id));
  } else if (counted == Counted::Net || counted == Counted::UserOrNet) {
    limits_.use_net(uses, *tier, network);
  }
  const bool asks_age =
      *tier == Tier::Booking && request.principal && limits_.is_on(Tier::BookingNew);
  if (asks_age && is_new_account(request.principal->user_id)) {
    limits_.use_net(uses, Tier::BookingNew, network);
  }
  return uses;
}

http::Problem RateGate::refuse(const http::Request& request, const limits::Uses& uses,
                               const limits::Verdict& verdict) {
  metrics_.count("evently_limits_refused_total");
  observability::SecurityEvent event;
  event.type = observability::SecurityEventType::LimitExceeded;
  event.client_address = request.client_address;
  if (request.principal) event.user_id = request.principal->user_id;
  event.request_id = request.request_id;
  event.detail = limits::rule_of(uses[verdict.refused_by].tier).name;
  security_.observe(std::move(event));
  return rate_limited(limits_, uses, verdict);
}

std::optional<http::Problem> RateGate::refuse_early(const http::Request& request,
                                                    std::string_view tier) {
  if (tier == http::kUnlimited) return std::nullopt;
  const limits::Uses uses = uses_of(request, std::nullopt);
  const limits::Verdict verdict = limits_.look(uses);
  if (verdict.granted) return std::nullopt;
  return refuse(request, uses, verdict);
}

/// A network with too many failed sign-ins is turned away before its password is read. A browser
/// that says it has signed in before is not: the guard looks whether that is true.
std::optional<http::Problem> RateGate::refuse_failures(const http::Request& request) {
  if (find_device_cookie(request)) return std::nullopt;
  limits::Uses uses;
  limits_.use_net(uses, Tier::Auth, limits::network_of(request.client_address));
  const limits::Verdict verdict = limits_.look(uses);
  if (verdict.granted || open_tries_.any(uses[verdict.refused_by])) return std::nullopt;
  return refuse(request, uses, verdict);
}

std::optional<http::RateVerdict> RateGate::decide_now(const http::Request& request,
                                                      std::string_view tier_name) {
  http::RateVerdict answer;
  if (tier_name == http::kUnlimited) return answer;
  const auto tier = limits::tier_named(tier_name);
  if (tier == Tier::Auth) answer.refusal = refuse_failures(request);
  if (answer.refusal) return answer;
  const limits::Uses uses = uses_of(request, tier);
  if (store_ == nullptr || !store_->is_up()) return count_here(request, uses);

  const limits::Micros now = limits::now_since_boot();
  const bool is_leased = strict_of(uses).empty() && leases_.missing(uses, now).empty();
  if (!is_leased) return std::nullopt;
  return settle(uses, nullptr);
}

http::RateVerdict RateGate::count_here(const http::Request& request, const limits::Uses& uses) {
  http::RateVerdict answer;
  const limits::Verdict verdict = limits_.spend(uses, store_ != nullptr);
  if (verdict.granted) {
    answer.headers = standing_headers(limits_, uses, verdict);
    answer.granted_at[0] = strict_grant(uses, verdict);
  }
  if (!verdict.granted) answer.refusal = refuse(request, uses, verdict);
  return answer;
}

/// Everything is granted. This node notes it for the time when the store is away, and for the
/// standings of leased tiers, which are those of this node.
http::RateVerdict RateGate::settle(const limits::Uses& uses, const limits::Verdict* strict) {
  const limits::Uses low = leases_.take(uses, limits::now_since_boot());
  if (!low.empty()) boost::asio::co_spawn(io_, renew(low), boost::asio::detached);
  limits::Verdict verdict = limits_.spend(uses);
  std::size_t in_strict = 0;
  for (std::size_t i = 0; i < uses.size() && strict != nullptr; ++i) {
    if (!limits::is_leased(uses[i].tier)) verdict.standings[i] = strict->standings[in_strict++];
  }
  http::RateVerdict answer;
  answer.headers = standing_headers(limits_, uses, verdict);
  if (verdict.granted) answer.granted_at[0] = strict_grant(uses, verdict);
  if (strict != nullptr) answer.granted_at[1] = strict->granted_at[0];
  return answer;
}

void RateGate::take_back(const Uuid& caller, std::string_view tier_name,
                         const http::RateVerdict& spent) {
  const auto tier = limits::tier_named(tier_name);
  if (!tier || limits::rule_of(*tier).counted != Counted::User) return;
  limits::Uses uses;
  limits_.use(uses, *tier, bytes_of(caller));
  if (uses.empty()) return;  // off
  limits::Verdict grant;
  grant.granted_at[0] = spent.granted_at[0];
  if (grant.granted_at[0] != 0) limits_.give_back(uses, grant);
  grant.granted_at[0] = spent.granted_at[1];
  if (grant.granted_at[0] != 0 && store_ != nullptr) store_->give_back(uses, grant);
}

/// A block for each use; a single one where no block is left. The refusal when not even that is.
Task<std::optional<limits::Verdict>> RateGate::lease(limits::Uses uses) {
  const limits::Micros asked_at = limits::now_since_boot();
  std::int64_t count = leases_.block(uses);
  auto verdict = co_await store_->spend(uses, count);
  if (verdict && !verdict->granted && count > 1) {
    count = 1;
    verdict = co_await store_->spend(uses, count);
  }
  if (!verdict) co_return std::nullopt;
  if (verdict->granted) {
    leases_.put(uses, count, asked_at);
    co_return std::nullopt;
  }
  leases_.put_refusal(uses[verdict->refused_by], asked_at + verdict->wait);
  co_return verdict;
}

Task<void> RateGate::renew(limits::Uses uses) {
  co_await lease(uses);
  leases_.forget_renewal(uses);
}

Task<http::RateVerdict> RateGate::decide(const http::Request& request, std::string_view tier) {
  const limits::Uses uses = uses_of(request, limits::tier_named(tier));
  const limits::Micros now = limits::now_since_boot();
  http::RateVerdict answer;
  if (const auto known = leases_.refused(uses, now)) {
    limits::Verdict verdict = limits_.look(uses);
    verdict.refused_by = known->use;
    verdict.wait = known->wait;
    answer.refusal = refuse(request, uses, verdict);
    co_return answer;
  }
  const limits::Uses missing = leases_.missing(uses, now);
  if (!missing.empty()) {
    const auto over = co_await lease(missing);
    if (over) {
      answer.refusal = refuse(request, missing, *over);
      co_return answer;
    }
  }
  const limits::Uses strict = strict_of(uses);
  std::optional<limits::Verdict> verdict;
  if (!strict.empty()) verdict = co_await store_->spend(strict, 1);
  if (verdict && !verdict->granted) {
    answer.refusal = refuse(request, strict, *verdict);
    co_return answer;
  }
  const bool is_lost = !store_->is_up() || (!strict.empty() && !verdict);
  if (is_lost) co_return count_here(request, uses);
  co_return settle(uses, verdict ? &*verdict : nullptr);
}

}  // namespace evently::app
