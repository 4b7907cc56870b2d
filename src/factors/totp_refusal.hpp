#pragma once

#include "base/unreachable.hpp"
#include "platform/http/problem.hpp"

namespace evently::factors {

/// Why a wish about a second factor was refused. Codes are public API: add, never rename.
enum class TotpRefusal { Enabled, NotStarted, WrongCode, SignedOut };

inline http::Problem to_problem(TotpRefusal refusal) {
  switch (refusal) {
    case TotpRefusal::Enabled:
      return {409, "totp_enabled", "There is a second factor already; remove it first", {}, {}, {}};
    case TotpRefusal::NotStarted:
      return {409, "totp_not_started", "Begin with POST /auth/totp", {}, {}, {}};
    case TotpRefusal::WrongCode:
      return http::validation_failed(
          {{"totp_code", "/totp_code", "wrong_code", "is not the code of this moment"}});
    case TotpRefusal::SignedOut:
      return http::authentication_required();
  }
  unreachable("TotpRefusal");
}

/// For an administrator without a second factor where one is required, everywhere but at enrolment.
inline http::Problem second_factor_required() {
  return {403, "second_factor_required", "Enrol a second factor first: POST /auth/totp", {}, {},
          {}};
}

}  // namespace evently::factors
