#pragma once

#include "platform/http/problem.hpp"
#include "platform/limits/limit_set.hpp"
#include "platform/limits/rate_headers.hpp"

namespace evently::app {

/// Standings of the uses that are told to callers, as header lines.
limits::HeaderLines standing_headers(const limits::LimitSet& limits, const limits::Uses& uses,
                                     const limits::Verdict& verdict);

/// 429 `rate_limited`; names the tier whose wait is longest.
http::Problem rate_limited(const limits::LimitSet& limits, const limits::Uses& uses,
                           const limits::Verdict& verdict);

}  // namespace evently::app
