#pragma once

#include <optional>

#include "base/result.hpp"
#include "base/task.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/route.hpp"

namespace evently::http {

/// Answers "who is this, and may they?" for the router. accounts implements it; http only asks.
class Authenticator {
 public:
  virtual ~Authenticator() = default;

  /// Asked first, for every routed request: may it be looked at at all? Needs no database.
  virtual std::optional<Problem> screen(const Request&, const Access&) = 0;

  /// Principal for a request, or the problem to answer (401, 403, 400). Never called for Public
  /// routes. For Optional routes it is called only when a credential was sent.
  virtual Task<Result<Principal, Problem>> admit(const Request& request, Access access) = 0;
};

}  // namespace evently::http
