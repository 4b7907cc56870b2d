#pragma once

#include <exception>
#include <string>

#include "platform/http/problem.hpp"

namespace evently::app {

/// What a fault means to the client and to the log.
struct MappedFault {
  http::Problem problem;  ///< 503 when a dependency is away or slow, 500 otherwise; no inner words
  std::string fingerprint;  ///< groups like faults: "postgres.query:bookings.list_own:57014"
  std::string message;      ///< for the log and error_log only
};

/// The one place where exceptions become answers.
MappedFault map_fault(const std::exception_ptr& fault);

}  // namespace evently::app
