#include "app/worker.hpp"

#include <algorithm>
#include <iterator>

namespace evently::app {
namespace {

// Per worker thread. Pipelined transactions keep a connection for one round trip, so few do much.
constexpr std::size_t kAuthConnections = 3;
constexpr std::size_t kUserConnections = 3;
constexpr std::size_t kAdminConnections = 2;
constexpr std::size_t kPublicConnections = 2;
constexpr std::size_t kMaxWaiting = 512;

}  // namespace

postgres::PoolOptions Worker::pool_options(const Store& store, const std::string& role, std::size_t connections) {
  return {role, store.conninfo(role), connections, kMaxWaiting, std::chrono::milliseconds(2000)};
}

Worker::Worker(const Store& store, SharedParts& shared)
    : auth_pool_(io_, pool_options(store, "application_auth", kAuthConnections)),
      user_pool_(io_, pool_options(store, "application_user", kUserConnections)),
      admin_pool_(io_, pool_options(store, "application_admin", kAdminConnections)),
      public_pool_(io_, pool_options(store, "application_public", kPublicConnections)),
      account_repository_(auth_pool_, user_pool_),
      account_service_(account_repository_,
                       {shared.hasher, shared.hash_pool, shared.tokens, shared.signer, shared.lookup_key}),
      account_routes_(account_service_),
      door_(auth_pool_, shared.tokens, shared.signer, shared.clock),
      shown_events_(public_pool_),
      edited_events_(admin_pool_),
      event_service_(shown_events_, edited_events_, shared.snapshot),
      event_routes_(event_service_, shared.snapshot, shared.cursors),
      own_bookings_(user_pool_),
      all_bookings_(admin_pool_),
      booking_routes_(shared.desk, own_bookings_, all_bookings_, shared.cursors),
      observer_(shared),
      router_(all_routes(shared), door_) {}

std::vector<http::Route> Worker::all_routes(SharedParts& shared) {
  std::vector<http::Route> routes = system_routes(shared);
  for (auto table : {account_routes_.table(), event_routes_.table(), booking_routes_.table()}) {
    std::move(table.begin(), table.end(), std::back_inserter(routes));
  }
  return routes;
}

void Worker::listen(const http::HttpConfig& config) {
  server_ = std::make_unique<http::Server>(io_, config, router_, observer_);
}

}  // namespace evently::app
