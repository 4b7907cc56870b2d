#pragma once

#include <string>

#include "platform/http/request.hpp"

namespace evently::http {

/// Splits and decodes `target` into path and query; false when it is not one we can read: no
/// leading slash (an absolute-form of another host than Host's, `*`), bytes outside visible ASCII,
/// a fragment, an encoded slash, a broken escape, NUL, or bytes that are not UTF-8. Dots are not
/// special.
bool read_target(Request& request);

/// The client's X-Request-Id when it is 8 to 64 of [A-Za-z0-9._-], else a fresh UUIDv7.
std::string choose_request_id(const Request& request);

/// W3C Trace Context §3.2: 00-<32 hex>-<16 hex>-<2 hex>, lower case, ids not all zero.
bool is_traceparent(std::string_view text);
/// Handlers meet one well-formed traceparent or none.
void drop_malformed_trace(Request& request);

}  // namespace evently::http
