#include "factors/second_factor_door.hpp"

#include <algorithm>
#include <array>

namespace evently::factors {
namespace {

constexpr std::array<std::string_view, 6> kOpenPaths{
    "/api/v1/auth/totp",       "/api/v1/auth/totp/confirm", "/api/v1/auth/logout",
    "/api/v1/auth/logout-all", "/api/v1/auth/csrf",         "/api/v1/auth/step-up"};

bool is_open(const std::string& path) {
  return std::find(kOpenPaths.begin(), kOpenPaths.end(), path) != kOpenPaths.end();
}

}  // namespace

Task<Result<http::Principal, http::Problem>> SecondFactorDoor::admit(const http::Request& request,
                                                                     http::Access access) {
  // A role from a token is a hint: where a factor is required the live one is asked for.
  http::Access asked = access;
  if (required_ && access.kind == http::Access::Kind::ProvedInStatement) {
    asked.kind = http::Access::Kind::Permission;
  }
  auto admitted = co_await door_.admit(request, asked);
  if (!required_ || !admitted || admitted->owner_role != "admin" || is_open(request.path)) {
    co_return admitted;
  }
  postgres::TransactionOptions options{"", true, request.deadline};
  const bool has = co_await factors_.has_confirmed(std::move(options), admitted->context);
  if (!has) co_return second_factor_required();
  co_return admitted;
}

}  // namespace evently::factors
