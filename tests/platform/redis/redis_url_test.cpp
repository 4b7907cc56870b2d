#include "platform/redis/redis_url.hpp"

#include <gtest/gtest.h>

#include "platform/config/refusal.hpp"

namespace evently::redis {
namespace {

TEST(RedisUrl, HasHostPortPasswordAndDatabase) {
  const RedisAddress all = parse_redis_url("redis://:open%20sesame@redis.internal:6380/3");
  EXPECT_EQ(all.host, "redis.internal");
  EXPECT_EQ(all.port, 6380);
  EXPECT_EQ(all.password, "open sesame");
  EXPECT_EQ(all.database, 3);
  const RedisAddress least = parse_redis_url("redis://127.0.0.1");
  EXPECT_EQ(least.port, 6379);
  EXPECT_TRUE(least.password.empty());
  EXPECT_EQ(parse_redis_url("redis://[::1]:7000/").host, "::1");
}

TEST(RedisUrl, RefusesWhatItWouldNotFollowAndKeepsThePasswordToItself) {
  for (const char* wrong :
       {"", "redis://", "rediss://host", "http://host", "redis://host/x", "redis://host/-1",
        "redis://host/1/2", "redis://host:0", "redis://host:70000", "redis://user:secret@host",
        "redis://:secret@host?tls=1", "redis://host#x", "host:6379"}) {
    try {
      parse_redis_url(wrong);
      ADD_FAILURE() << wrong;
    } catch (const config::StartRefused& refused) {
      EXPECT_EQ(std::string(refused.what()).find("secret"), std::string::npos);
    }
  }
}

}  // namespace
}  // namespace evently::redis
