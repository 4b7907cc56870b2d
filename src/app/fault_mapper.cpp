#include "app/fault_mapper.hpp"

#include <typeinfo>

#include "platform/postgres/errors.hpp"

namespace evently::app {
namespace {

constexpr std::chrono::seconds kRetrySoon{1};

/// SQLSTATE classes that say "not now" rather than "never": the same request may work in a second.
bool passes_by_itself(const std::string& state) {
  return state == "57014" ||                      // statement_timeout: our deadline
         state == "55P03" ||                      // lock_timeout
         state == "40001" || state == "40P01" ||  // serialisation, deadlock
         state == "25006" ||                      // read-only: a standby, or a full disk
         state.starts_with("53") ||               // disk full, out of memory, too many connections
         state.starts_with("57P") ||              // shutdown, crash, starting up
         state.starts_with("08");                 // connection
}

MappedFault internal(const std::string& fingerprint, const std::string& message) {
  return {http::Problem{}, fingerprint, message};
}

MappedFault later(const std::string& fingerprint, const std::string& message) {
  return {http::temporarily_unavailable(kRetrySoon), fingerprint, message};
}

}  // namespace

MappedFault map_fault(const std::exception_ptr& fault) {
  try {
    std::rethrow_exception(fault);
  } catch (const postgres::QueryError& error) {
    const std::string fingerprint = "postgres.query:" + error.statement + ":" + error.state;
    return passes_by_itself(error.state) ? later(fingerprint, error.what())
                                         : internal(fingerprint, error.what());
  } catch (const postgres::ConnectionLost& error) {
    return later("postgres.connection_lost", error.what());
  } catch (const postgres::PoolExhausted& error) {
    return later("postgres.pool_exhausted", error.what());
  } catch (const std::exception& error) {
    return internal(std::string("exception:") + typeid(error).name(), error.what());
  }
}

}  // namespace evently::app
