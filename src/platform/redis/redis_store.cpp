#include "platform/redis/redis_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "platform/redis/limit_script.hpp"

namespace evently::redis {
namespace {

using limits::Algorithm;
using limits::Policy;
using limits::Verdict;

/// EVAL keeps the script by its hash; its text is short beside what a lost script would cost.
Connection::Command begin(const char* script, const limits::LimitSet& limits,
                          const limits::Uses& uses) {
  Connection::Command command{"EVAL", script, std::to_string(uses.size())};
  for (const limits::Use& use : uses) command.push_back(limits.store_key(use));
  return command;
}

std::optional<Verdict> read_verdict(const Reply& reply, std::size_t policies) {
  if (reply.kind != Reply::Kind::List || reply.list.size() != 3 + 3 * policies) return std::nullopt;
  const auto number = [&](std::size_t i) { return reply.list[i].number; };
  Verdict verdict;
  verdict.granted = number(0) == 0;
  verdict.refused_by = number(1) > 0 ? static_cast<std::size_t>(number(1) - 1) : 0;
  verdict.wait = number(2);
  for (std::size_t i = 0; i < policies; ++i) {
    verdict.granted_at[i] = number(3 + 3 * i);
    verdict.standings[i] = {verdict.granted ? 0 : verdict.wait, number(4 + 3 * i),
                            number(5 + 3 * i)};
  }
  return verdict;
}

}  // namespace

RedisStore::RedisStore(boost::asio::io_context& io, RedisAddress address,
                       const limits::LimitSet& limits, std::function<void(bool)> watcher)
    : io_(io), limits_(limits), connection_(io, std::move(address), std::move(watcher)) {}

Task<std::optional<Verdict>> RedisStore::spend(limits::Uses uses, std::int64_t cost) {
  const std::vector<Policy> policies = limits_.store_policies(uses);
  Connection::Command command = begin(kSpend, limits_, uses);
  command.push_back(std::to_string(cost));
  for (const Policy& policy : policies) {
    const bool steady = policy.algorithm == Algorithm::Gcra;
    command.push_back(steady ? "g" : "r");
    command.push_back(std::to_string(steady ? policy.interval : policy.quota));
    command.push_back(std::to_string(steady ? policy.burst : policy.window));
  }
  const auto reply = co_await connection_.call(std::move(command));
  if (!reply) co_return std::nullopt;
  co_return read_verdict(*reply, uses.size());
}

void RedisStore::give_back(limits::Uses uses, Verdict granted) {
  const std::vector<Policy> policies = limits_.store_policies(uses);
  Connection::Command command = begin(kGiveBack, limits_, uses);
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const bool steady = policies[i].algorithm == Algorithm::Gcra;
    command.push_back(steady ? "g" : "r");
    command.push_back(std::to_string(steady ? policies[i].interval : 0));
    command.push_back(std::to_string(granted.granted_at[i]));
  }
  boost::asio::co_spawn(io_, connection_.call(std::move(command)), boost::asio::detached);
}

void RedisStore::clear(limits::Uses uses) {
  if (uses.empty()) return;
  Connection::Command command{"DEL"};
  for (const limits::Use& use : uses) command.push_back(limits_.store_key(use));
  boost::asio::co_spawn(io_, connection_.call(std::move(command)), boost::asio::detached);
}

}  // namespace evently::redis
