#pragma once

#include <vector>

#include "api_keys/api_key_repository.hpp"
#include "platform/http/route.hpp"

namespace evently::api_keys {

/// Keys for programs: made, seen and revoked by the person they act for, who must be signed in.
class ApiKeyRoutes {
 public:
  /// `live`: the server has HTTPS in front, so its keys are marked so.
  ApiKeyRoutes(ApiKeyRepository& keys, bool live) : keys_(keys), live_(live) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> create(http::Request request);
  Task<http::Response> list(http::Request request);
  Task<http::Response> revoke(http::Request request);

  ApiKeyRepository& keys_;
  bool live_;
};

}  // namespace evently::api_keys
