#include "platform/postgres/errors.hpp"

namespace evently::postgres {

QueryError::QueryError(std::string statement_name, std::string sql_state,
                       std::string constraint_name, const std::string& message)
    : std::runtime_error(statement_name + ": " + sql_state + ": " + message),
      statement(std::move(statement_name)),
      state(std::move(sql_state)),
      constraint(std::move(constraint_name)) {}

ConnectionLost::ConnectionLost(const std::string& message, bool statement_was_sent)
    : std::runtime_error("database connection: " + message), sent(statement_was_sent) {}

}  // namespace evently::postgres
