#pragma once

#include "base/unreachable.hpp"
#include "platform/http/problem.hpp"

namespace evently::people {

inline constexpr char kPermission[] = "user:manage";

/// Why a change of somebody's account was refused. Codes are public API: add, never rename.
/// SignedOut and Denied: the caller's own session or role ended while the request was on its way.
enum class PeopleRefusal { NotFound, LastAdministrator, Denied, SignedOut };

inline http::Problem to_problem(PeopleRefusal refusal) {
  switch (refusal) {
    case PeopleRefusal::NotFound:
      return http::not_found();
    case PeopleRefusal::LastAdministrator:
      return {409, "last_administrator", "The last active administrator must stay one", {}, {}, {}};
    case PeopleRefusal::Denied:
      return http::insufficient_permissions(kPermission, "user");
    case PeopleRefusal::SignedOut:
      return http::authentication_required();
  }
  unreachable("PeopleRefusal");
}

}  // namespace evently::people
