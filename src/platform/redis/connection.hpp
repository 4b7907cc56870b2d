#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "platform/redis/redis_url.hpp"

namespace evently::redis {

/// One answer of Redis (RESP2).
struct Reply {
  enum class Kind : std::uint8_t { Nil, Number, Text, List, Error };
  Kind kind = Kind::Nil;
  std::int64_t number = 0;
  std::string text;  ///< Text and Error
  std::vector<Reply> list;
};

/// One pipelined connection that keeps itself up: when it is lost, or one call takes longer than
/// 20 ms, every call answers nothing at once until a new connection has answered a PING. Belongs to
/// one thread.
class Connection {
 public:
  using Command = std::vector<std::string>;

  /// `watcher` hears when it is up (true) and when it is lost (false); may be empty.
  Connection(boost::asio::io_context& io, RedisAddress address,
             std::function<void(bool)> watcher = {});
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Begins to connect, and goes on for ever.
  void start();
  bool is_up() const;
  /// Nothing when Redis is away, late, or has 1,024 calls waiting already.
  Task<std::optional<Reply>> call(Command command);

 private:
  class Link;
  std::shared_ptr<Link> link_;
};

}  // namespace evently::redis
