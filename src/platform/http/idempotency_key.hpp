#pragma once

#include <string>

#include "platform/http/request.hpp"

namespace evently::http {

/// The request's Idempotency-Key, empty when there is none. Throws BadRequest (400) for two of
/// them, or one that is not 1 to 255 visible ASCII characters.
std::string idempotency_key(const Request& request);

}  // namespace evently::http
