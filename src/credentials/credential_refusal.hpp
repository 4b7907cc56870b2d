#pragma once

#include <string>

#include "base/unreachable.hpp"
#include "platform/http/problem.hpp"

namespace evently::credentials {

/// Why a wish about one's own credentials was refused.
struct CredentialRefusal {
  enum class Kind { WrongPassword, WeakPassword, BadToken, TooBusy, SignedOut };
  Kind kind;
  std::string fault{};  ///< WeakPassword: what is wrong with it, for people
};

/// Codes are public API: add, never rename.
inline http::Problem to_problem(const CredentialRefusal& refusal) {
  using Kind = CredentialRefusal::Kind;
  switch (refusal.kind) {
    case Kind::WrongPassword:
      return http::Problem{401, "invalid_credentials", "Wrong password", {}, {}, {}}.with_header(
          "WWW-Authenticate", "Bearer");
    case Kind::WeakPassword:
      return http::validation_failed(
          {{"new_password", "/new_password", "weak_password", refusal.fault}});
    case Kind::BadToken:
      return http::validation_failed(
          {{"token", "/token", "invalid_token", "is unknown, used or too old: ask for a new one"}});
    case Kind::TooBusy:
      return http::temporarily_unavailable(std::chrono::seconds(2));
    case Kind::SignedOut:
      return http::authentication_required();
  }
  unreachable("CredentialRefusal");
}

}  // namespace evently::credentials
