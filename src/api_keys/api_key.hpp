#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/unreachable.hpp"
#include "base/uuid.hpp"
#include "platform/http/problem.hpp"

namespace evently::api_keys {

struct NewApiKey {
  std::string name;
  std::vector<std::string> scopes;  ///< permissions as in the contract
  std::int64_t days = 0;            ///< until it expires
};

struct ApiKey {
  Uuid id;
  std::string name;
  std::vector<std::string> scopes;
  TimePoint created_at;
  TimePoint expires_at;
  std::optional<TimePoint> last_used_at;  ///< up to ten seconds old
  std::int64_t calls = 0;
};

/// Why a key was not made. Codes are public API: add, never rename.
struct ApiKeyRefusal {
  enum class Kind {
    SignedOut,
    ScopeNotHeld,  ///< `detail`: the first permission that its owner does not have
    TooMany,
    ByKey,  ///< a key makes no keys
  };
  Kind kind = Kind::SignedOut;
  std::string detail;
};

inline http::Problem to_problem(const ApiKeyRefusal& refusal, const std::string& role) {
  using Kind = ApiKeyRefusal::Kind;
  switch (refusal.kind) {
    case Kind::SignedOut:
      return http::authentication_required();
    case Kind::ScopeNotHeld:
      return http::insufficient_permissions(refusal.detail, role);
    case Kind::TooMany:
      return http::Problem{409, "too_many_api_keys", "Too many API keys", {}, {}, {}}.with(
          "limit", std::int64_t{20});
    case Kind::ByKey:
      return http::insufficient_permissions("sign_in", role);
  }
  unreachable("ApiKeyRefusal");
}

}  // namespace evently::api_keys
