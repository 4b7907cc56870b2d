#pragma once

#include <string>

#include "platform/mail/mailer.hpp"

namespace evently::credentials {

/// The code stands in the text, to be typed or pasted: a link would put it into histories and logs.
inline mail::Mail reset_mail(std::string to, const std::string& token) {
  return {std::move(to), "Your code for a new Evently password",
          "Somebody, you we hope, asked for a new password for your Evently account.\n\nCode: " +
              token +
              "\n\nIt works once and for 15 minutes. If it was not you, ignore this mail: nothing "
              "has changed.\n"};
}

/// Also tells the owner that somebody has the password.
inline mail::Mail sign_in_code_mail(std::string to, const std::string& code) {
  return {std::move(to), "Your code to sign in to Evently",
          "Somebody, you we hope, gave the password of your Evently account in a browser that it "
          "does not know, after many wrong tries by somebody. To sign in there, give this code "
          "beside the password:\n\nCode: " +
              code +
              "\n\nIt works once and for 15 minutes. If it was not you, change the password: "
              "somebody knows it.\n"};
}

inline mail::Mail password_changed_mail(std::string to) {
  return {std::move(to), "Your Evently password was changed",
          "The password of your Evently account was changed just now, and other sessions were "
          "signed out.\n\nIf it was not you, ask for a new password at once.\n"};
}

/// Goes to the old address, and does not tell the new one.
inline mail::Mail address_changed_mail(std::string to) {
  return {std::move(to), "The address of your Evently account was changed",
          "Your Evently account has another address now; mail will go there.\n\nIf it was not you, "
          "tell us at once: this mailbox can no longer renew the password.\n"};
}

}  // namespace evently::credentials
