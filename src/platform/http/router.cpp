#include "platform/http/router.hpp"

#include <map>
#include <optional>
#include <stdexcept>

namespace evently::http {

/// One path segment: literals first, then the parameter.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::string parameter_name;
  std::map<Method, const Route*> methods;
};

namespace {

std::string_view take_segment(std::string_view& rest) {
  rest.remove_prefix(1);  // the slash
  const std::size_t end = std::min(rest.find('/'), rest.size());
  const std::string_view segment = rest.substr(0, end);
  rest.remove_prefix(end);
  return segment;
}

void check(const Route& route) {
  const bool names_permission = !route.access.permission.empty();
  const bool must = route.access.kind == Access::Kind::Permission ||
                    route.access.kind == Access::Kind::ProvedInStatement;
  if (names_permission != must || !route.path.starts_with('/') || !route.handler) {
    throw std::logic_error("route is not complete: " + route.path);
  }
}

std::string allowed_methods(const std::map<Method, const Route*>& methods) {
  std::string list;
  for (const auto& [method, route] : methods) {
    if (!list.empty()) list += ", ";
    list += to_string(method);
    if (method == Method::Get) list += ", HEAD";
  }
  return list;
}

bool carries_credential(const Request& request) {
  if (request.header("authorization")) return true;
  const auto cookie = request.header("cookie");
  return cookie && cookie->find("__Host-evently_session=") != std::string_view::npos;
}

/// `{name}`; one place in the tree has one name, or a handler would not find its parameter.
template <class Node>
void name_parameter(Node& node, std::string_view segment, const Route& route) {
  const bool closed = segment.size() > 2 && segment.ends_with('}');
  const std::string name(closed ? segment.substr(1, segment.size() - 2) : "");
  if (name.empty() || (!node.parameter_name.empty() && node.parameter_name != name)) {
    throw std::logic_error("parameter without a name of its own: " + route.path);
  }
  node.parameter_name = name;
}

}  // namespace

Router::Router(std::vector<Route> routes, Authenticator& door)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()), door_(door) {
  for (const Route& route : routes_) {
    check(route);
    Node* node = root_.get();
    for (std::string_view rest = route.path; !rest.empty();) {
      const std::string_view segment = take_segment(rest);
      const bool is_parameter = segment.starts_with('{');
      auto& next = is_parameter ? node->parameter : node->literals[std::string(segment)];
      if (!next) next = std::make_unique<Node>();
      if (is_parameter) name_parameter(*next, segment, route);
      node = next.get();
    }
    if (!node->methods.emplace(route.method, &route).second) {
      throw std::logic_error("two routes at " + route.path);
    }
  }
}

Router::~Router() = default;

const Route* Router::find(Request& request, Problem& refusal) const {
  const Node* node = root_.get();
  for (std::string_view rest = request.path; !rest.empty() && node != nullptr;) {
    const std::string_view segment = take_segment(rest);
    const auto literal = node->literals.find(segment);
    if (literal != node->literals.end()) {
      node = literal->second.get();
      continue;
    }
    node = segment.empty() ? nullptr : node->parameter.get();
    if (node != nullptr) request.path_parameters.emplace_back(node->parameter_name, segment);
  }
  if (node == nullptr || node->methods.empty()) {
    refusal = not_found();
    return nullptr;
  }
  const Method wanted = request.method == Method::Head ? Method::Get : request.method;
  const auto found = node->methods.find(wanted);
  if (found != node->methods.end()) return found->second;
  refusal = Problem{405, "method_not_allowed", "Method not allowed", {}, {}, {}}.with_header(
      "Allow", allowed_methods(node->methods));
  return nullptr;
}

Task<Response> Router::serve(const Route& route, Request request,
                             std::optional<Principal>* admitted_as) const {
  const Access access = route.access;
  const bool asks = access.kind != Access::Kind::Public &&
                    (access.kind != Access::Kind::Optional || carries_credential(request));
  if (asks) {
    auto admitted = co_await door_.admit(request, access);
    if (!admitted) co_return render(admitted.error());
    request.principal = std::move(*admitted);
    if (admitted_as != nullptr) {
      const Principal& who = *request.principal;
      admitted_as->emplace(Principal{who.user_id, who.session_id, who.role, ""});
    }
  }
  Response response = co_await route.handler(std::move(request));
  co_return response;
}

}  // namespace evently::http
