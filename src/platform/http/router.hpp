#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "platform/http/authenticator.hpp"
#include "platform/http/route.hpp"

namespace evently::http {

/// Finds the route of a request, lets the door decide, calls the handler. Immutable after
/// construction. Throws std::logic_error for two routes with one method and path, two names for one
/// parameter, or a route that should name a permission and does not. A literal segment wins over a
/// parameter and there is no way back: below a literal only its own routes are found.
class Router {
 public:
  Router(std::vector<Route> routes, Authenticator& door);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// The route a path and method lead to, or the problem (404, 405 with Allow). Fills the path
  /// parameters. HEAD finds GET.
  const Route* find(Request& request, Problem& refusal) const;

  /// Door, then handler. Tells in `admitted` whom the door let in (without the signed context),
  /// for the record of a fault; it must outlive the task.
  Task<Response> serve(const Route& route, Request request,
                       std::optional<Principal>* admitted = nullptr) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
  Authenticator& door_;
};

}  // namespace evently::http
