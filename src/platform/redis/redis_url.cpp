#include "platform/redis/redis_url.hpp"

#include <boost/url/parse.hpp>
#include <charconv>

#include "platform/config/refusal.hpp"

namespace evently::redis {
namespace {

[[noreturn]] void refuse() {
  // The text is not repeated: it may hold the password.
  throw config::StartRefused("--redis-url: want redis://[:password@]host[:port][/db]");
}

int read_database(std::string_view path) {
  if (path.empty() || path == "/") return 0;
  path.remove_prefix(1);
  int number = -1;
  const char* const end = path.data() + path.size();
  const auto [at, failed] = std::from_chars(path.data(), end, number);
  if (failed != std::errc() || at != end || number < 0 || number > 1023) refuse();
  return number;
}

}  // namespace

RedisAddress parse_redis_url(const std::string& url) {
  const auto parts = boost::urls::parse_uri(url);
  if (!parts || parts->scheme() != "redis" || parts->host().empty()) refuse();
  if (parts->has_query() || parts->has_fragment() || !parts->user().empty()) refuse();
  RedisAddress address;
  address.host = parts->host_address();
  if (parts->has_port() && parts->port_number() == 0) refuse();
  if (parts->has_port()) address.port = parts->port_number();
  address.password = parts->password();
  address.database = read_database(parts->path());
  return address;
}

}  // namespace evently::redis
