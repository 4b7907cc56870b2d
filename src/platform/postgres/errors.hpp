#pragma once

#include <stdexcept>
#include <string>

namespace evently::postgres {

/// The server refused a statement. `state` is the five-character SQLSTATE; `constraint` is the
/// violated constraint's name when there is one. what() is for the log, never for a client.
struct QueryError : std::runtime_error {
  QueryError(std::string statement_name, std::string sql_state, std::string constraint_name,
             const std::string& message);
  std::string statement;
  std::string state;
  std::string constraint;
};

/// The server is away, went away mid-statement, or did not answer by the deadline. Whether the
/// transaction committed is unknown unless `sent` is false.
struct ConnectionLost : std::runtime_error {
  ConnectionLost(const std::string& message, bool statement_was_sent);
  bool sent;
};

/// No connection became free before the deadline, or the wait queue is full.
struct PoolExhausted : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A column is missing, NULL, or not of the asked type: a bug between SQL and decoder.
struct DecodeError : std::logic_error {
  using std::logic_error::logic_error;
};

}  // namespace evently::postgres
