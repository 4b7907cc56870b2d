#pragma once

#include <string>

#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace evently::http {

/// The request's Idempotency-Key, empty when there is none. Throws BadRequest (400) for two of
/// them, or one that is not 1 to 255 visible ASCII characters.
std::string idempotency_key(const Request& request);

/// Marks an answer as an earlier one, told again.
void mark_replayed(Response& response);
bool is_replay(const Response& response);

/// 422: the key came with another body before.
Problem idempotency_mismatch();

}  // namespace evently::http
