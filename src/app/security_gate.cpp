#include "app/security_gate.hpp"

#include <algorithm>
#include <array>

#include "app/rate_limits/device_cookie.hpp"
#include "security/security_routes.hpp"

namespace evently::app {
namespace {

using observability::SecurityEvent;
using observability::SecurityEventType;

/// Paths nobody has a reason to ask for. They are answered as any path that is not there.
constexpr std::array<std::string_view, 3> kDecoyPaths{"/api/v1/admin/backup", "/api/v1/admin/debug",
                                                      "/api/v1/internal/config"};

bool is_sign_in(std::string_view tier) { return tier == "auth"; }
bool is_auth(std::string_view tier) {
  return is_sign_in(tier) || tier == "register" || tier == "reset";
}

SecurityEvent event_of(SecurityEventType type, const http::Request& request, std::string detail) {
  SecurityEvent event;
  event.type = type;
  event.client_address = request.client_address;
  event.request_id = request.request_id;
  event.detail = std::move(detail);
  return event;
}

bool is_administrative(const http::Request& request, http::Access access) {
  const bool reads = request.method == http::Method::Get || request.method == http::Method::Head;
  return !reads && access.permission.starts_with("event:");
}

}  // namespace

void SecurityGate::look_at(const http::Request& request) {
  if (!shared_.detects) return;
  if (shared_.meter.count(request.client_address, std::chrono::steady_clock::now())) {
    shared_.security().observe(event_of(SecurityEventType::SuspiciousRequest, request,
                                        std::string(security::kFloodDetail)));
  }
  if (std::ranges::find(kDecoyPaths, request.path) == kDecoyPaths.end()) return;
  shared_.security().observe(event_of(SecurityEventType::SuspiciousRequest, request,
                                      std::string(security::kDecoyDetail) + request.path));
}

std::optional<http::Problem> SecurityGate::blocked(const http::Request& request,
                                                   std::string_view tier) const {
  if (shared_.blocks.size() == 0 || tier == http::kUnlimited) return std::nullopt;
  // A browser that says it has signed in before: the sign-in looks whether that is true.
  const bool of_auth =
      is_auth(tier) && !request.principal && !(is_sign_in(tier) && find_device_cookie(request));
  const auto wait = shared_.blocks.look(request.client_address, of_auth, shared_.clock.now());
  if (!wait || shared_.detection.proxies.contains(request.client_address)) return std::nullopt;
  return security::address_blocked(*wait);
}

std::optional<http::Problem> SecurityGate::refuse_early(const http::Request& request,
                                                        std::string_view tier) {
  // Asked of routes with a door only: whoever is signed in there is kept out of nothing by `auth`.
  auto refusal = blocked(request, tier == http::kUnlimited ? tier : std::string_view());
  return refusal ? std::move(refusal) : limits_.refuse_early(request, tier);
}

std::optional<http::RateVerdict> SecurityGate::decide_now(const http::Request& request,
                                                          std::string_view tier) {
  if (tier != http::kUnlimited) look_at(request);
  auto refusal = blocked(request, tier);
  if (!refusal) return limits_.decide_now(request, tier);
  http::RateVerdict verdict;
  verdict.refusal = std::move(refusal);
  return verdict;
}

Task<http::RateVerdict> SecurityGate::decide(const http::Request& request, std::string_view tier) {
  auto verdict = co_await limits_.decide(request, tier);
  co_return verdict;
}

Task<Result<http::Principal, http::Problem>> WatchedDoor::admit(const http::Request& request,
                                                                http::Access access) {
  auto answer = co_await door_.admit(request, access);
  if (answer) {
    admitted(request, access, *answer);
  } else {
    refused(request, answer.error());
  }
  co_return answer;
}

void WatchedDoor::refused(const http::Request& request, const http::Problem& problem) {
  const auto key = request.header("x-api-key");
  const auto authorization = request.header("authorization");
  const bool is_decoy = (key && *key == shared_.decoy_key) ||
                        (authorization && authorization->ends_with(shared_.decoy_key));
  if (problem.status == 401 && is_decoy) {
    shared_.security().observe(event_of(SecurityEventType::SuspiciousRequest, request,
                                        std::string(security::kDecoyDetail) + "api_key"));
  }
}

void WatchedDoor::admitted(const http::Request& request, http::Access access,
                           const http::Principal& who) {
  if (!shared_.detects) return;
  if (is_administrative(request, access)) {
    auto event = event_of(SecurityEventType::AdminAction, request, std::string(access.permission));
    event.user_id = who.user_id;
    shared_.security().observe(std::move(event));
  }
  if (who.by_key) return;  // a program may run in several places at once
  if (!shared_.session_networks.moved(to_string(who.session_id), request.client_address)) return;
  auto event =
      event_of(SecurityEventType::TokenMisuse, request, std::string(security::kNetworkDetail));
  event.user_id = who.user_id;
  event.secret = to_string(who.session_id);
  shared_.security().observe(std::move(event));
}

}  // namespace evently::app
