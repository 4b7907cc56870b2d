#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "support/scratch_folder.hpp"

namespace evently::testing {

/// Debian's redis-server on a free loopback port, keeping nothing on disk. Ends with the object.
class RedisServer {
 public:
  explicit RedisServer(const std::string& password = "");
  ~RedisServer();
  RedisServer(const RedisServer&) = delete;
  RedisServer& operator=(const RedisServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "redis://127.0.0.1:" + std::to_string(port_); }
  /// SIGSTOP and SIGCONT: it holds its connections and answers nothing meanwhile.
  void freeze();
  void thaw();
  /// kill -9: its connections are reset, its port refuses.
  void kill_hard();
  /// Again on the same port, empty.
  void restart();
  /// How many commands of that name (lower case) it has run, by `INFO commandstats`.
  std::int64_t calls(const std::string& command) const;

 private:
  void start();

  ScratchFolder folder_;
  std::uint16_t port_ = 0;
  std::string password_;
  pid_t process_ = -1;
};

}  // namespace evently::testing
