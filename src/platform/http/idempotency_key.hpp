#pragma once

#include <string>

#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace evently::http {

/// The request's Idempotency-Key, empty when there is none. Throws BadRequest (400) for two of
/// them, or one that is not 1 to 255 visible ASCII characters.
std::string idempotency_key(const Request& request);

/// 422: the key came with another body before.
Problem idempotency_mismatch();

}  // namespace evently::http
