#pragma once

#include <gtest/gtest.h>

#include "platform/postgres/sync_connection.hpp"
#include "security/watch.hpp"
#include "support/migrated_database.hpp"
#include "support/run_task.hpp"

namespace evently::security {

using observability::SecurityEvent;
using observability::SecurityEventType;
using testing::run_task;
using namespace std::chrono_literals;

class SetClock final : public Clock {
 public:
  TimePoint now() const override { return at; }
  TimePoint at = SystemClock().now();
};

struct Node {
  Node(boost::asio::io_context& io, const testing::MigratedDatabase& database, const Clock& clock,
       WatchOptions wanted = {})
      : options(std::move(wanted)),
        watch(io, {"application_worker", database.conninfo("application_worker"), 1}, options,
              queue, blocks, metrics, clock) {}

  WatchOptions options;
  EventQueue queue;
  BlockList blocks;
  observability::Metrics metrics;
  Watch watch;
};

class WatchTest : public ::testing::Test {
 protected:
  void fail(Node& node, const std::string& address, int times = 1) {
    for (int i = 0; i < times; ++i) {
      SecurityEvent event;
      event.type = SecurityEventType::SignInFailed;
      event.client_address = address;
      node.queue.observe(std::move(event));
    }
  }
  void tick(Node& node) {
    run_task(io, [](Watch& watch) -> Task<int> {
      co_await watch.tick();
      co_return 0;
    }(node.watch));
  }
  std::int64_t number(const postgres::Statement& question) {
    return superuser.run(question)[0].get<std::int64_t>("n");
  }
  std::int64_t failures() {
    return number({"test.failures",
                   "SELECT coalesce(sum(total), 0)::bigint AS n FROM ops.security_counters"
                   " WHERE type = 'sign_in_failed'"});
  }
  std::int64_t event_rows() {
    return number({"test.rows", "SELECT count(*) AS n FROM ops.security_events"});
  }
  std::int64_t alerts(bool open) {
    return open ? number({"test.open",
                          "SELECT count(*) AS n FROM ops.security_alerts WHERE closed_at IS NULL"})
                : number({"test.all", "SELECT count(*) AS n FROM ops.security_alerts"});
  }

  boost::asio::io_context io;
  testing::MigratedDatabase database;
  postgres::SyncConnection superuser{database.superuser_conninfo()};
  SetClock clock;
};

}  // namespace evently::security
