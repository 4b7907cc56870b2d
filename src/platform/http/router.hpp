#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "platform/http/authenticator.hpp"
#include "platform/http/rate_gate.hpp"
#include "platform/http/route.hpp"

namespace evently::http {

/// What serve() has learnt of a request, for whoever answers when its handler does not.
struct Learned {
  std::optional<Principal> admitted;  ///< whom the door let in, without the signed context
  std::vector<std::pair<std::string, std::string>> rate_fields;  ///< of a counted request

  /// Every answer to a counted request says so, however its handler ended. Once a request: the
  /// fields move.
  void tell(Response& response);
};

/// Finds the route of a request, lets gate and door decide, calls the handler. Immutable after
/// construction. Throws std::logic_error for two routes with one method and path, two names for one
/// parameter, or a route that should name a permission and does not. A literal segment wins over a
/// parameter and there is no way back: below a literal only its own routes are found.
class Router {
 public:
  /// Without a gate nobody is limited.
  Router(std::vector<Route> routes, Authenticator& door, RateGate* gate = nullptr);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// The route a path and method lead to, or the problem (404, 405 with Allow). Fills the path
  /// parameters. HEAD finds GET.
  const Route* find(Request& request, Problem& refusal) const;

  /// The answer to a request without a route: `problem`, or that its network asks too much.
  Response refuse(const Request& request, const Problem& problem, Learned& learned) const;

  /// Gate, door, then handler. `learned` must outlive the task.
  Task<Response> serve(const Route& route, Request request, Learned& learned) const;
  Task<Response> serve(const Route& route, Request request) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  Task<std::optional<Response>> pass_door(const Route& route, Request& request,
                                          Learned& learned) const;

  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
  Authenticator& door_;
  NoRateGate no_gate_;
  RateGate& gate_;
};

}  // namespace evently::http
