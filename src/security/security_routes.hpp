#pragma once

#include <vector>

#include "platform/http/problem.hpp"
#include "platform/http/route.hpp"
#include "platform/http/trusted_proxies.hpp"
#include "platform/json/cursor.hpp"
#include "security/detection/event_queue.hpp"
#include "security/security_repository.hpp"

namespace evently::security {

/// What administrators see of attacks, and whom they keep out.
class SecurityRoutes {
 public:
  struct Parts {
    const json::CursorCodec& cursors;
    BlockList& blocks;
    EventQueue& queue;
    const http::TrustedProxies& proxies;
    const Clock& clock;
  };
  SecurityRoutes(SecurityRepository& repository, const Parts& parts)
      : repository_(repository), parts_(parts) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> metrics(http::Request request);
  Task<http::Response> events(http::Request request);
  Task<http::Response> alerts(http::Request request);
  Task<http::Response> blocks(http::Request request);
  Task<http::Response> add_block(http::Request request);
  Task<http::Response> lift_block(http::Request request);
  void observe(const http::Request& request, std::string act);

  SecurityRepository& repository_;
  const Parts parts_;
};

/// 403 + Retry-After.
http::Problem address_blocked(std::chrono::seconds wait);

}  // namespace evently::security
