#include "app/worker.hpp"

#include <algorithm>
#include <iterator>

#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

// Per worker thread. Pipelined transactions keep a connection for one round trip, so few do much.
constexpr std::size_t kAuthConnections = 3;
constexpr std::size_t kUserConnections = 3;
constexpr std::size_t kAdminConnections = 2;
constexpr std::size_t kPublicConnections = 2;
constexpr std::size_t kMaxWaiting = 512;

/// A service of each worker's own: it asks through the worker's connections.
accounts::SignInParts with_factor(accounts::SignInParts parts, accounts::SecondFactor& factor) {
  parts.second_factor = &factor;
  return parts;
}

}  // namespace

postgres::PoolOptions Worker::pool_options(const Store& store, const std::string& role,
                                           std::size_t connections) {
  return {role, store.conninfo(role), connections, kMaxWaiting, std::chrono::milliseconds(2000)};
}

/// Logs once for the program, not once for each worker.
std::unique_ptr<redis::RedisStore> Worker::make_redis(
    const std::optional<redis::RedisAddress>& address, SharedParts& shared) {
  if (!address) return nullptr;
  ++shared.redis_wanted;
  const auto watcher = [&shared](bool up) {
    const int before = up ? shared.redis_up++ : shared.redis_up--;
    if (up && before + 1 == shared.redis_wanted) {
      observability::log(observability::Level::Info, "redis.up");
    }
    if (!up && before == shared.redis_wanted) {
      observability::log(observability::Level::Warning, "redis.down");
    }
  };
  return std::make_unique<redis::RedisStore>(io_, *address, shared.limits, watcher);
}

Worker::Worker(const Store& store, SharedParts& shared, bool https,
               const std::optional<redis::RedisAddress>& redis)
    : auth_pool_(io_, pool_options(store, "application_auth", kAuthConnections)),
      user_pool_(io_, pool_options(store, "application_user", kUserConnections)),
      admin_pool_(io_, pool_options(store, "application_admin", kAdminConnections)),
      public_pool_(io_, pool_options(store, "application_public", kPublicConnections)),
      redis_(make_redis(redis, shared)),
      sign_in_limits_(shared.limits, shared.open_tries, shared.device_marks, shared.metrics,
                      shared.security(), {shared.blocks, shared.clock, shared.detection.proxies},
                      redis_.get()),
      totp_repository_(auth_pool_),
      totp_service_(totp_repository_, shared.totp_keys, shared.clock),
      account_repository_(auth_pool_, user_pool_),
      account_service_(account_repository_, with_factor(shared.sign_in_parts(), totp_service_)),
      account_routes_(account_service_, shared.csrf, &sign_in_limits_),
      csrf_routes_(shared.guard, shared.csrf),
      csp_report_routes_(shared.metrics, shared.csp_reports),
      api_keys_(auth_pool_),
      api_key_routes_(api_keys_, https),
      key_book_(api_keys_),
      door_(auth_pool_, shared.tokens, shared.signer, shared.clock, shared.guard,
            {key_book_, shared.key_usage}, shared.security(), &shared.sightings),
      own_proof_(auth_pool_, with_factor(shared.sign_in_parts(), totp_service_), &sign_in_limits_),
      credential_routes_(auth_pool_, own_proof_, shared.mailer),
      profile_routes_(auth_pool_, account_service_, shared.mailer, &sign_in_limits_),
      reset_routes_(auth_pool_, shared.sign_in_parts(), shared.late, shared.mailer,
                    &sign_in_limits_),
      second_door_(door_, totp_service_, shared.require_admin_mfa),
      totp_routes_(totp_service_, account_service_, own_proof_, shared.mailer),
      people_(admin_pool_),
      people_routes_(people_, shared.cursors, shared.security()),
      shown_events_(public_pool_),
      edited_events_(admin_pool_),
      event_service_(shown_events_, edited_events_, shared.snapshot),
      event_routes_(event_service_, shared.snapshot, shared.cursors),
      own_bookings_(user_pool_),
      all_bookings_(admin_pool_),
      booking_routes_(shared.desk, own_bookings_, all_bookings_, shared.cursors),
      security_repository_(admin_pool_),
      security_routes_(security_repository_, {shared.cursors, shared.blocks, shared.observed,
                                              shared.detection.proxies, shared.clock}),
      rate_gate_(
          io_, {shared.limits, shared.open_tries, shared.metrics, shared.security(), redis_.get()}),
      security_gate_(shared, rate_gate_),
      watched_door_(shared, second_door_),
      observer_(shared),
      router_(all_routes(shared), watched_door_, &security_gate_) {
  RateGate::check_tiers(router_.routes());
}

std::vector<http::Route> Worker::all_routes(SharedParts& shared) {
  std::vector<http::Route> routes = system_routes(shared);
  for (auto table : {account_routes_.table(), csrf_routes_.table(), csp_report_routes_.table(),
                     api_key_routes_.table(), credential_routes_.table(), profile_routes_.table(),
                     totp_routes_.table(), reset_routes_.table(), people_routes_.table(),
                     event_routes_.table(), booking_routes_.table(), security_routes_.table()}) {
    std::move(table.begin(), table.end(), std::back_inserter(routes));
  }
  return routes;
}

void Worker::listen(const http::HttpConfig& config) {
  if (redis_) redis_->start();
  server_ = std::make_unique<http::Server>(io_, config, router_, observer_);
}

}  // namespace evently::app
