#pragma once

#include <boost/asio/io_context.hpp>

#include "app/shared_parts.hpp"
#include "base/task.hpp"
#include "events/event_repository.hpp"
#include "platform/postgres/pool.hpp"
#include "security/watch.hpp"

namespace evently::app {

/// Ticks `watch` on `io` until that stops. What could not be written waits for the next tick; an
/// outage is logged once.
void start_watch(boost::asio::io_context& io, security::Watch& watch);

/// The work nobody asks for: event pages once a second, health, error rows, rotated keys, old
/// idempotency keys.
/// Runs on one worker's loop with a pool of its own (application_worker).
class Background {
 public:
  Background(boost::asio::io_context& io, const Store& store, SharedParts& shared,
             events::EventRepository& shown);
  void start();

 private:
  Task<void> tick(std::uint64_t count);
  Task<void> write_errors();
  Task<void> drop_retired_keys();
  Task<void> write_sightings();
  Task<void> write_key_use();
  Task<void> drop_old_rows();

  boost::asio::io_context& io_;
  postgres::Pool pool_;
  SharedParts& shared_;
  events::EventRepository& shown_;
};

}  // namespace evently::app
