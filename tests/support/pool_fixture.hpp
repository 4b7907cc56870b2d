#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/pool.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/run_task.hpp"

namespace evently::testing {

/// A cluster the pool's tests share, started at first use; superuser's conninfo.
const std::string& pool_cluster_conninfo();

/// A pool over a database with one table, `marks`, empty at each test's start, and a look at it
/// from outside.
class PoolPgTest : public ::testing::Test {
 protected:
  PoolPgTest();

  /// A pool's options; the test may change them before it builds a pool of its own.
  static postgres::PoolOptions options(std::size_t connections = 2);
  static postgres::Deadline in(std::chrono::milliseconds time) {
    return std::chrono::steady_clock::now() + time;
  }

  postgres::Rows run(postgres::Pool& pool, const postgres::Statement& statement,
                     postgres::Parameters values = {}, postgres::TransactionOptions how = {}) {
    return run_task(io_, pool.run(std::move(how), statement, std::move(values)));
  }
  postgres::Rows run(const postgres::Statement& statement, postgres::Parameters values = {},
                     postgres::TransactionOptions how = {}) {
    return run(pool_, statement, std::move(values), std::move(how));
  }
  std::vector<postgres::Rows> run_all(std::vector<postgres::Call> calls,
                                      postgres::TransactionOptions how = {}) {
    return run_task(io_, pool_.run_all(std::move(how), std::move(calls)));
  }

  /// The failure of an act that must fail with a Fault.
  template <class Fault>
  static Fault fault_of(const std::function<void()>& act) {
    try {
      act();
    } catch (const Fault& fault) {
      return fault;
    }
    throw std::runtime_error("it did not fail");
  }
  static postgres::QueryError query_error_of(const std::function<void()>& act) {
    return fault_of<postgres::QueryError>(act);
  }

  /// The server process of the pool's connection that is used next.
  int backend();
  int marks();
  /// Terminates a backend and waits until it is gone.
  void terminate(int backend);

  boost::asio::io_context io_;
  postgres::SyncConnection outside_;
  postgres::Pool pool_;
};

}  // namespace evently::testing
