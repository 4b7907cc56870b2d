#pragma once

#include <cstdint>
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
  /// Which requests that change something must prove that they come from a page of ours. Requests
  /// signed in by cookie must, everywhere but at Never.
  enum class Screen : std::uint8_t {
    Browsers,  ///< on public routes: all that a browser sends (they may set a cookie)
    Cookies,   ///< on public routes: those with cookies; a page of another origin may call
    Never,     ///< browsers send these by themselves: reports
  };
  Kind kind;
  std::string_view permission;  ///< as in api.md: "booking:create"; empty unless Permission/Proved
  Screen screen = Screen::Browsers;
  /// Only within five minutes of a password or second factor (step-up); else 403 step_up_required.
  bool recent = false;
};

constexpr Access anyone(Access::Screen screen = Access::Screen::Browsers) {
  return {Access::Kind::Public, "", screen};
}
constexpr Access signed_in() { return {Access::Kind::SignedIn, ""}; }
constexpr Access needs(std::string_view permission) {
  return {Access::Kind::Permission, permission};
}
constexpr Access proved_in_statement(std::string_view permission) {
  return {Access::Kind::ProvedInStatement, permission};
}
constexpr Access anyone_or_signed_in() { return {Access::Kind::Optional, ""}; }

/// The same, for a dangerous act: whoever left a browser open has not left this open.
constexpr Access recently(Access access) {
  access.recent = true;
  return access;
}

using Handler = std::function<Task<Response>(Request)>;

/// A tier name for routes that are never limited (health).
constexpr std::string_view kUnlimited = "unlimited";

struct Route {
  Method method;
  std::string path;  ///< "/api/v1/events/{event_id}": a `{name}` matches one segment
  Access access;
  std::string_view tier;  ///< rate tier beyond the global one (docs/limits.md), or kUnlimited
  Handler handler;
};

}  // namespace evently::http
