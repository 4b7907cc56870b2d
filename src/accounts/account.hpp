#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace evently::accounts {

struct Account {
  Uuid id;
  std::string email;
  std::string name;
  std::string role;  ///< "user" or "admin"
  bool is_active = true;
  TimePoint created_at;
};

/// What an address is looked up by: ASCII letters in lower case, everything else byte for byte.
/// Dots and +tags stay: they are different mailboxes to somebody. Not done, for want of Unicode
/// tables: NFC, and turning an internationalised domain into its A-label; two spellings of one such
/// address are two accounts. nullopt for what is not `dot-atom@label.label`, or longer than 254
/// bytes.
std::optional<std::string> canonical_email(std::string_view email);

}  // namespace evently::accounts
