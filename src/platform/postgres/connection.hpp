#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/task.hpp"
#include "platform/postgres/pool.hpp"

struct pg_conn;  // libpq's PGconn

namespace evently::postgres {

/// One libpq connection in non-blocking pipeline mode. Private to the pool.
class Connection {
 public:
  explicit Connection(boost::asio::io_context& io);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Throws ConnectionLost{sent = false}.
  Task<void> open(std::string conninfo, Deadline deadline);

  /// Puts one transaction on its way; receive() is to follow. Throws ConnectionLost{sent = false}
  /// when nothing of it can have taken effect, QueryError when a value holds a NUL.
  void send(const TransactionOptions& options, const std::vector<Call>& calls);
  /// The rows of each call. After ConnectionLost the connection is of no more use; after
  /// QueryError it is clean.
  Task<std::vector<Rows>> receive();

  /// False while a transaction is under way, was abandoned, or the connection broke.
  bool is_clean() const { return clean_; }
  /// Clean, and the server did not hang up meanwhile: to an idle client it speaks only to say so.
  /// One system call.
  bool is_ready() const;

 private:
  struct Owed;    // what was put into the pipeline and is owed a result
  struct Answer;  // what came back so far

  Task<void> fill();
  Task<void> wait_to_read();
  Task<void> wait_to_read_or_write();
  void settle_wait(const boost::system::error_code& failed);
  void arm(Deadline deadline);
  void disarm();
  void put(const Statement& statement, const Parameters& values, bool is_call);
  void accept(const Owed& owed, pg_result* result, Answer& answer);
  void note_failure(std::string_view statement, const pg_result* result, Answer& answer);
  [[noreturn]] void lose(const std::string& why);

  boost::asio::io_context& io_;
  pg_conn* connection_ = nullptr;
  std::unique_ptr<boost::asio::posix::stream_descriptor> socket_;
  boost::asio::steady_timer timer_;
  std::shared_ptr<bool>
      alarm_;  // true once the timer rang; gone when the transaction ended in time
  std::unordered_set<const char*> prepared_;  // by the address of the statement's constant text
  std::vector<Owed> owed_;
  bool sent_ = false;
  bool clean_ = false;
};

}  // namespace evently::postgres
