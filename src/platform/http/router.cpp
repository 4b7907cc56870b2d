#include "platform/http/router.hpp"

#include <iterator>
#include <map>
#include <optional>
#include <stdexcept>

#include "platform/http/idempotency_key.hpp"

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
  // Without the door's look at the session there is no telling how recent it is.
  const bool tells_age =
      route.access.kind == Access::Kind::SignedIn || route.access.kind == Access::Kind::Permission;
  if (names_permission != must || (route.access.recent && !tells_age) ||
      !route.path.starts_with('/') || !route.handler) {
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
  if (request.header("authorization") || request.header("x-api-key")) return true;
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

void Learned::tell(Response& response) {
  std::move(rate_fields.begin(), rate_fields.end(), std::back_inserter(response.headers));
  rate_fields.clear();
}

Router::Router(std::vector<Route> routes, Authenticator& door, RateGate* gate)
    : routes_(std::move(routes)),
      root_(std::make_unique<Node>()),
      door_(door),
      gate_(gate != nullptr ? *gate : no_gate_) {
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

/// What nobody answers is counted too, where that can be told at once.
Response Router::refuse(const Request& request, const Problem& problem, Learned& learned) const {
  auto verdict = gate_.decide_now(request, "");
  const bool is_over = verdict && verdict->refusal;
  Response response = render(is_over ? *verdict->refusal : problem);
  if (verdict) learned.rate_fields = std::move(verdict->headers);
  return response;
}

Task<std::optional<Response>> Router::pass_door(const Route& route, Request& request,
                                                Learned& learned) const {
  const Access access = route.access;
  auto admitted = co_await door_.admit(request, access);
  if (!admitted) co_return render(admitted.error());
  request.principal = std::move(*admitted);
  const Principal& who = *request.principal;
  learned.admitted.emplace(Principal{who.user_id, who.session_id, who.role, "", who.by_key});
  co_return std::nullopt;
}

Task<Response> Router::serve(const Route& route, Request request, Learned& learned) const {
  const Access access = route.access;
  const bool asks = access.kind != Access::Kind::Public &&
                    (access.kind != Access::Kind::Optional || carries_credential(request));
  std::optional<Response> turned_away;
  const auto screened = door_.screen(request, access);
  if (screened) {
    turned_away = render(*screened);
  } else if (asks) {
    const auto early = gate_.refuse_early(request, route.tier);
    if (early) co_return render(*early);
    turned_away = co_await pass_door(route, request, learned);
  }
  // Whom the door turned away has used his network's share of the program, and no tier of a person.
  const std::string_view tier = turned_away ? std::string_view() : route.tier;
  RateVerdict verdict;
  auto decided = gate_.decide_now(request, tier);
  if (decided) verdict = std::move(*decided);
  if (!decided) verdict = co_await gate_.decide(request, tier);
  if (verdict.refusal) co_return render(*verdict.refusal);
  learned.rate_fields = std::move(verdict.headers);
  if (turned_away) co_return std::move(*turned_away);
  const std::optional<Uuid> caller =
      request.principal ? std::optional(request.principal->user_id) : std::nullopt;
  Response response = co_await route.handler(std::move(request));
  if (caller && !route.tier.empty() && is_replay(response)) {
    gate_.take_back(*caller, route.tier, verdict);
    learned.rate_fields.clear();  // they tell of what was given back
  }
  co_return response;
}

Task<Response> Router::serve(const Route& route, Request request) const {
  Learned learned;
  Response response = co_await serve(route, std::move(request), learned);
  learned.tell(response);
  co_return response;
}

}  // namespace evently::http
