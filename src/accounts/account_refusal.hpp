#pragma once

#include "base/unreachable.hpp"
#include "platform/http/problem.hpp"

namespace evently::accounts {

/// Why an account's wish was refused. Codes are public API: add, never rename.
enum class AccountRefusal { EmailTaken, InvalidCredentials, TooBusy };

inline http::Problem to_problem(AccountRefusal refusal) {
  switch (refusal) {
    case AccountRefusal::EmailTaken:
      return {409, "email_taken", "This address is taken", {}, {}, {}};
    case AccountRefusal::InvalidCredentials:
      return http::Problem{401, "invalid_credentials", "Wrong email, password or code", {}, {}, {}}
          .with_header("WWW-Authenticate", "Bearer");
    case AccountRefusal::TooBusy:
      return http::temporarily_unavailable(std::chrono::seconds(2));
  }
  unreachable("AccountRefusal");
}

}  // namespace evently::accounts
