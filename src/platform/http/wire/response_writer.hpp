#pragma once

#include <string>
#include <string_view>

#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace evently::http {

/// Compresses and answers 304 where the request allows it. Call once, before write_head().
void negotiate(const Request& request, Response& response);

struct HeadOptions {
  bool keep_alive = true;
  bool strict_transport = false;  ///< Strict-Transport-Security: the client came by HTTPS
  bool varies_by_origin = false;  ///< some origin may read answers, so a cache must keep them apart
  std::string_view allowed_origin = {};  ///< the page of another origin that may read this one
};

/// Status line and headers, with those that stand on every answer.
std::string write_head(const Response& response, const std::string& request_id,
                       HeadOptions options);

}  // namespace evently::http
