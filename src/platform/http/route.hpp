#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/task.hpp"
#include "platform/http/request.hpp"
#include "platform/http/response.hpp"

namespace evently::http {

/// Who may call a route. There is no default: a route without access does not compile.
struct Access {
  enum class Kind {
    Public,      ///< anyone; a credential is not looked at
    SignedIn,    ///< any live session
    Permission,  ///< live session whose live role holds `permission`
    /// As Permission, but the handler's own statement proves session and permission inside
    /// PostgreSQL, so the door adds no round trip (POST /bookings: core.book verifies each row).
    ProvedInStatement,
    /// Public, but a valid credential is resolved when sent (event lists show drafts to admins).
    Optional,
  };
  Kind kind;
  std::string_view permission;  ///< as in api.md: "booking:create"; empty unless Permission/Proved
};

constexpr Access anyone() { return {Access::Kind::Public, ""}; }
constexpr Access signed_in() { return {Access::Kind::SignedIn, ""}; }
constexpr Access needs(std::string_view permission) {
  return {Access::Kind::Permission, permission};
}
constexpr Access proved_in_statement(std::string_view permission) {
  return {Access::Kind::ProvedInStatement, permission};
}
constexpr Access anyone_or_signed_in() { return {Access::Kind::Optional, ""}; }

using Handler = std::function<Task<Response>(Request)>;

struct Route {
  Method method;
  std::string path;  ///< "/api/v1/events/{event_id}": a `{name}` matches one segment
  Access access;
  std::string_view tier;  ///< rate tier beyond the global one: "", "auth", "booking", "read"
  Handler handler;
};

}  // namespace evently::http
