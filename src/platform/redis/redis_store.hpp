#pragma once

#include <functional>

#include "platform/limits/shared_store.hpp"
#include "platform/redis/connection.hpp"

namespace evently::redis {

/// The limits of several nodes in one Redis: one script call for all limits of a request. Belongs
/// to one thread.
class RedisStore final : public limits::SharedStore {
 public:
  /// `limits` names the keys.
  RedisStore(boost::asio::io_context& io, RedisAddress address, const limits::LimitSet& limits,
             std::function<void(bool)> watcher = {});

  void start() { connection_.start(); }
  bool is_up() const override { return connection_.is_up(); }
  Task<std::optional<limits::Verdict>> spend(limits::Uses uses, std::int64_t cost) override;
  void give_back(limits::Uses uses, limits::Verdict granted) override;
  void clear(limits::Uses uses) override;

 private:
  boost::asio::io_context& io_;
  const limits::LimitSet& limits_;
  Connection connection_;
};

}  // namespace evently::redis
