#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "platform/http/authenticator.hpp"
#include "platform/http/route.hpp"

namespace evently::http {

/// Finds the route of a request, lets the door decide, calls the handler. Immutable after
/// construction. Throws std::logic_error for two routes with one method and path, or a route that
/// should name a permission and does not.
class Router {
 public:
  Router(std::vector<Route> routes, Authenticator& door);
  ~Router();
  Router(const Router&) = delete;
  Router& operator=(const Router&) = delete;

  /// The route a path and method lead to, or the problem (404, 405 with Allow). Fills the path
  /// parameters. HEAD finds GET.
  const Route* find(Request& request, Problem& refusal) const;

  /// Door, then handler.
  Task<Response> serve(const Route& route, Request request) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  struct Node;
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
  Authenticator& door_;
};

}  // namespace evently::http
