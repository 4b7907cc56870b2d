#include <algorithm>
#include <cstdio>
#include <map>

#include "app/commands/options.hpp"
#include "app/commands/store.hpp"
#include "platform/config/key_file.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::app {
namespace {

using config::RotatableKey;
using crypto::KeyRing;
using crypto::RingKey;

constexpr postgres::Statement kCountSessions{"keys.count_sessions",
                                             "SELECT sec.count_live_sessions($1, $2) AS n"};
constexpr postgres::Statement kCountHashes{"keys.count_hashes",
                                           "SELECT kid, n FROM sec.count_password_hashes()"};

/// Stored hashes by the pepper's kid.
std::map<int, std::int64_t> count_hashes(postgres::SyncConnection& connection) {
  std::map<int, std::int64_t> counts;
  const auto rows = connection.run(kCountHashes);
  for (int i = 0; i < rows.size(); ++i) {
    counts[rows[i].get<std::int32_t>("kid")] = rows[i].get<std::int64_t>("n");
  }
  return counts;
}

/// Sessions made while the key was the one to sign with.
std::int64_t count_sessions(postgres::SyncConnection& connection, const KeyRing& ring,
                            std::size_t place) {
  constexpr std::chrono::days kAges{36'500};
  const TimePoint now = SystemClock().now();
  const TimePoint from = place == 0 ? TimePoint() : ring[place].used_from();
  const TimePoint to = place + 1 < ring.size() ? ring[place + 1].used_from() : now + kAges;
  return connection.run(kCountSessions, postgres::parameters(from, to))[0].get<std::int64_t>("n");
}

const char* state_of(const KeyRing& ring, const RingKey& key, TimePoint now) {
  const RingKey& current = crypto::current_key(ring, now);
  if (key.is_retired(now)) return "retired";
  if (key.kid == current.kid) return "signs";
  return key.kid > current.kid ? "announced" : "still counts";
}

/// What hangs on the key, where that is known; "" otherwise.
std::string use_of(postgres::SyncConnection& connection, const RotatableKey& which,
                   const KeyRing& ring, std::size_t place) {
  if (which.name == "jwt") {
    return std::to_string(count_sessions(connection, ring, place)) + " live sessions";
  }
  if (which.name == "pepper") {
    return std::to_string(count_hashes(connection)[ring[place].kid]) + " passwords";
  }
  return "";
}

/// Peppers that no stored password needs any more.
std::vector<int> dispensable_peppers(postgres::SyncConnection& connection, const KeyRing& ring) {
  const auto counts = count_hashes(connection);
  std::vector<int> idle;
  for (const RingKey& key : ring) {
    if (!counts.contains(key.kid)) idle.push_back(key.kid);
  }
  return idle;
}

}  // namespace

int run_keys_status(const KeysOptions& options) {
  const Store store = Store::join_existing(options.store);
  postgres::SyncConnection connection(store.conninfo("application_operator"));
  const TimePoint now = SystemClock().now();
  std::printf("%-8s %4s %-12s %8s  %-20s  %s\n", "key", "kid", "state", "age", "retires", "in use");
  for (const RotatableKey& which : config::rotatable_keys()) {
    const KeyRing& ring = store.secrets().ring(std::string(which.file));
    for (std::size_t i = 0; i < ring.size(); ++i) {
      const auto days = std::chrono::duration_cast<std::chrono::days>(now - ring[i].created);
      const std::string age = std::to_string(days.count()) + " d";
      const std::string retires = ring[i].retire_after ? to_rfc3339(*ring[i].retire_after) : "-";
      std::printf("%-8s %4d %-12s %8s  %-20s  %s\n", std::string(which.name).c_str(), ring[i].kid,
                  state_of(ring, ring[i], now), age.c_str(), retires.c_str(),
                  use_of(connection, which, ring, i).c_str());
    }
  }
  return 0;
}

int run_keys_rotate(const KeysOptions& options) {
  const Store store = Store::join_existing(options.store);
  postgres::SyncConnection connection(store.conninfo("application_operator"));
  for (const RotatableKey& which : config::rotatable_keys()) {
    const auto& names = options.names;
    if (!names.empty() && std::find(names.begin(), names.end(), which.name) == names.end()) {
      continue;
    }
    std::vector<int> dispensable;
    if (which.name == "pepper") {
      dispensable = dispensable_peppers(connection, store.secrets().ring(std::string(which.file)));
    }
    const auto publish = [&](const KeyRing& ring) {
      if (which.name == "context") store.publish_context_keys(ring);
    };
    const KeyRing ring = config::rotate_key_file(store.secrets().folder(), which,
                                                 SystemClock().now(), dispensable, publish);
    std::printf("%s: key %d signs from %s on\n", std::string(which.name).c_str(), ring.back().kid,
                to_rfc3339(ring.back().used_from()).c_str());
  }
  return 0;
}

}  // namespace evently::app
