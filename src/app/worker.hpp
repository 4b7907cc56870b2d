#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "accounts/account_routes.hpp"
#include "accounts/door.hpp"
#include "api_keys/api_key_routes.hpp"
#include "api_keys/key_book.hpp"
#include "app/rate_limits/rate_gate.hpp"
#include "app/request_observer.hpp"
#include "app/security_gate.hpp"
#include "app/shared_parts.hpp"
#include "app/system_routes.hpp"
#include "bookings/booking_routes.hpp"
#include "browser/csp_report_routes.hpp"
#include "browser/csrf_routes.hpp"
#include "credentials/credential_routes.hpp"
#include "credentials/profile_routes.hpp"
#include "credentials/reset_routes.hpp"
#include "events/event_routes.hpp"
#include "factors/second_factor_door.hpp"
#include "factors/totp_routes.hpp"
#include "people/people_routes.hpp"
#include "platform/http/wire/server.hpp"
#include "platform/redis/redis_store.hpp"
#include "security/security_routes.hpp"

namespace evently::app {

/// Everything one thread needs to serve: its own event loop, connections, slices, routes and
/// listener. Nothing here is shared with another worker; what is, comes by SharedParts.
class Worker {
 public:
  /// `https`: browsers and programs reach us by HTTPS. `redis`: where nodes count together; without
  /// it this process counts alone.
  Worker(const Store& store, SharedParts& shared, bool https,
         const std::optional<redis::RedisAddress>& redis = {});

  /// Listens, when the database is there and the first pages are loaded.
  void listen(const http::HttpConfig& config);
  http::Server& server() { return *server_; }
  boost::asio::io_context& io() { return io_; }
  const http::Router& router() const { return router_; }
  events::EventRepository& shown_events() { return shown_events_; }

 private:
  static postgres::PoolOptions pool_options(const Store& store, const std::string& role,
                                            std::size_t connections);
  std::unique_ptr<redis::RedisStore> make_redis(const std::optional<redis::RedisAddress>& address,
                                                SharedParts& shared);
  std::vector<http::Route> all_routes(SharedParts& shared);

  boost::asio::io_context io_{1};
  postgres::Pool auth_pool_;
  postgres::Pool user_pool_;
  postgres::Pool admin_pool_;
  postgres::Pool public_pool_;

  std::unique_ptr<redis::RedisStore> redis_;
  SignInLimits sign_in_limits_;
  factors::TotpRepository totp_repository_;
  factors::TotpService totp_service_;
  accounts::AccountRepository account_repository_;
  accounts::AccountService account_service_;
  accounts::AccountRoutes account_routes_;
  browser::CsrfRoutes csrf_routes_;
  browser::CspReportRoutes csp_report_routes_;
  api_keys::ApiKeyRepository api_keys_;
  api_keys::ApiKeyRoutes api_key_routes_;
  api_keys::KeyBook key_book_;
  accounts::Door door_;
  credentials::OwnProof own_proof_;
  credentials::CredentialRoutes credential_routes_;
  credentials::ProfileRoutes profile_routes_;
  credentials::ResetRoutes reset_routes_;
  factors::SecondFactorDoor second_door_;
  factors::TotpRoutes totp_routes_;
  people::PeopleRepository people_;
  people::PeopleRoutes people_routes_;
  events::EventRepository shown_events_;
  events::EventRepository edited_events_;
  events::EventService event_service_;
  events::EventRoutes event_routes_;
  bookings::BookingRepository own_bookings_;
  bookings::BookingRepository all_bookings_;
  bookings::BookingRoutes booking_routes_;

  security::SecurityRepository security_repository_;
  security::SecurityRoutes security_routes_;

  RateGate rate_gate_;
  SecurityGate security_gate_;
  WatchedDoor watched_door_;
  RequestObserver observer_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace evently::app
