#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "platform/postgres/parameters.hpp"
#include "platform/postgres/rows.hpp"
#include "platform/postgres/statement.hpp"

namespace boost::asio {
class io_context;
}

namespace evently::postgres {

struct PoolOptions {
  std::string name;      ///< for metrics and logs: "application_user"
  std::string conninfo;  ///< libpq keywords or URI, password included
  std::size_t max_connections = 4;
  std::size_t max_waiting = 256;  ///< beyond it PoolExhausted at once
  std::chrono::milliseconds connect_timeout{2000};
};

/// One statement with its values.
struct Call {
  Statement statement;
  Parameters values;
};

using Deadline = std::chrono::steady_clock::time_point;

/// What a transaction must look like.
struct TransactionOptions {
  std::string context;     ///< signed context; empty = none. SET LOCAL app.ctx for this one only
  bool read_only = false;  ///< GET and HEAD
  Deadline deadline = Deadline::max();  ///< becomes statement_timeout and our own timer
};

/// Connections of one database role. Lives on one io_context thread; not thread-safe.
/// A transaction is a list of calls known in advance, sent as one libpq pipeline — BEGIN,
/// context, calls, COMMIT: one network round trip. There is no interactive transaction, so none
/// can idle. What must decide between statements is written as a SQL function.
///
/// errors  QueryError (the whole transaction is rolled back), ConnectionLost, PoolExhausted.
/// A lost connection is replaced with backoff on the next call; a statement is prepared once a
/// connection, at its first use there.
class Pool {
 public:
  Pool(boost::asio::io_context& io, PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  Task<std::vector<Rows>> run_all(TransactionOptions options, std::vector<Call> calls);
  /// run_all with one call.
  Task<Rows> run(TransactionOptions options, Statement statement, Parameters values);

  /// Closes idle connections and refuses new calls; calls in flight finish.
  void close();

  struct Usage {
    std::size_t open, busy, waiting;
  };
  Usage usage() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace evently::postgres
