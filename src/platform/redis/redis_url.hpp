#pragma once

#include <cstdint>
#include <string>

namespace evently::redis {

struct RedisAddress {
  std::string host;
  std::uint16_t port = 6379;
  std::string password;  ///< empty: none is sent
  int database = 0;
};

/// `redis://[:password@]host[:port][/db]`; the password percent-encoded. Throws StartRefused.
RedisAddress parse_redis_url(const std::string& url);

}  // namespace evently::redis
