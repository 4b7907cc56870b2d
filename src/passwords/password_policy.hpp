#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace evently::passwords {

/// What a new password must be. source: 63B-4 §3.1.1.2, ASVS 6.2: length and a blocklist, no rules
/// on kinds of characters, no expiry.
struct PasswordPolicy {
  static constexpr std::size_t kLeastMinimum = 8;  ///< 63B-4's floor
  static constexpr std::size_t kGreatestMinimum = 64;
  static constexpr std::size_t kMaxCharacters = 128;  ///< beyond it is refused, never cut
  std::size_t min_characters = 12;
};

/// Words of the person a password must not be built from.
struct PasswordContext {
  std::string_view email;
  std::string_view name;
};

/// Unicode code points of valid UTF-8.
std::size_t count_characters(std::string_view utf8);

/// ASCII letters in lower case, everything else byte for byte.
std::string ascii_lower(std::string_view text);

/// Why a password is refused, for people; nullopt when it is fine. Case and what follows a listed
/// word (`Sunshine1234!`) do not save it.
std::optional<std::string> password_fault(const PasswordPolicy& policy, std::string_view password,
                                          const PasswordContext& context);

/// Is it one of data/common_passwords.txt? Wants lower case; about fifteen comparisons.
bool is_common_password(std::string_view lower);

}  // namespace evently::passwords
