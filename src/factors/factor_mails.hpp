#pragma once

#include <string>

#include "platform/mail/mailer.hpp"

namespace evently::factors {

inline mail::Mail factor_added_mail(std::string to) {
  return {std::move(to), "A second factor was added to your Evently account",
          "From now on signing in to your Evently account takes a code of your authenticator app, "
          "and other sessions were signed out.\n\nIf it was not you, ask for a new password at "
          "once, and tell us: we can take the factor away.\n"};
}

inline mail::Mail factor_removed_mail(std::string to) {
  return {std::move(to), "The second factor of your Evently account was removed",
          "Signing in to your Evently account takes the password only from now on.\n\nIf it was "
          "not you, ask for a new password at once.\n"};
}

}  // namespace evently::factors
