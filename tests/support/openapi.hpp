#pragma once

#include <string>
#include <vector>

namespace evently::testing {

/// An operation of api/openapi.yaml, as far as access is concerned.
struct Operation {
  std::string method;      ///< upper case
  std::string path;        ///< template: /api/v1/events/{event_id}
  std::string permission;  ///< x-permission: public, signed_in, or a permission
  std::string tier;        ///< x-rate-tier, or empty
  std::string step_up;     ///< x-step-up: required, or empty
};

std::vector<Operation> documented_operations();

}  // namespace evently::testing
