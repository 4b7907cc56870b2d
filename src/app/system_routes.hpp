#pragma once

#include <vector>

#include "app/shared_parts.hpp"
#include "platform/http/route.hpp"

namespace evently::app {

/// Health and the API's own description: what every listener of the public port has.
std::vector<http::Route> system_routes(SharedParts& shared);

/// GET /metrics, for the operations port only.
std::vector<http::Route> operations_routes(SharedParts& shared);

}  // namespace evently::app
