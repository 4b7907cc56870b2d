#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "accounts/account_routes.hpp"
#include "accounts/door.hpp"
#include "app/request_observer.hpp"
#include "app/shared_parts.hpp"
#include "app/system_routes.hpp"
#include "bookings/booking_routes.hpp"
#include "events/event_routes.hpp"
#include "platform/http/server.hpp"

namespace evently::app {

/// Everything one thread needs to serve: its own event loop, connections, slices, routes and
/// listener. Nothing here is shared with another worker; what is, comes by SharedParts.
class Worker {
 public:
  Worker(const Store& store, SharedParts& shared);

  /// Listens, when the database is there and the first pages are loaded.
  void listen(const http::HttpConfig& config);
  http::Server& server() { return *server_; }
  boost::asio::io_context& io() { return io_; }
  const http::Router& router() const { return router_; }
  events::EventRepository& shown_events() { return shown_events_; }

 private:
  static postgres::PoolOptions pool_options(const Store& store, const std::string& role, std::size_t connections);
  std::vector<http::Route> all_routes(SharedParts& shared);

  boost::asio::io_context io_{1};
  postgres::Pool auth_pool_;
  postgres::Pool user_pool_;
  postgres::Pool admin_pool_;
  postgres::Pool public_pool_;

  accounts::AccountRepository account_repository_;
  accounts::AccountService account_service_;
  accounts::AccountRoutes account_routes_;
  accounts::Door door_;
  events::EventRepository shown_events_;
  events::EventRepository edited_events_;
  events::EventService event_service_;
  events::EventRoutes event_routes_;
  bookings::BookingRepository own_bookings_;
  bookings::BookingRepository all_bookings_;
  bookings::BookingRoutes booking_routes_;

  RequestObserver observer_;
  http::Router router_;
  std::unique_ptr<http::Server> server_;
};

}  // namespace evently::app
