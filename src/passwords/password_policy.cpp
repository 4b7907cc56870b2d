#include "passwords/password_policy.hpp"

#include <algorithm>

#include "common_passwords_embedded.hpp"

namespace evently::passwords {
namespace {

constexpr std::string_view kService = "evently";
/// Shorter pieces of a name stand in too many innocent phrases: "ada" is in "adamant".
constexpr std::size_t kMinContextCharacters = 4;
constexpr std::string_view kTail = "0123456789 !?.,-_*#$%&@+=";

/// One unit, twice or more: "abcabcabcabc", "passwordpassword".
bool repeats(std::string_view text) {
  for (std::size_t unit = 1; unit * 2 <= text.size(); ++unit) {
    const bool whole = text.size() % unit == 0;
    if (whole && text.substr(unit) == text.substr(0, text.size() - unit)) return true;
  }
  return false;
}

bool is_common_with_a_tail(std::string_view lower) {
  const std::size_t end = lower.find_last_not_of(kTail);
  return end != std::string_view::npos && end + 1 < lower.size() &&
         is_common_password(lower.substr(0, end + 1));
}

bool contains_a_word_of(std::string_view lower, std::string_view words) {
  const std::string text = ascii_lower(words);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (count_characters(word) >= kMinContextCharacters &&
        lower.find(word) != std::string_view::npos) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool is_common_password(std::string_view lower) {
  // Sorted lines: halve the bytes, step back to the start of the line we fell into.
  std::string_view rest = data::kFiles[0].content;
  while (!rest.empty()) {
    const std::size_t before = rest.substr(0, rest.size() / 2).rfind('\n');
    const std::size_t start = before == std::string_view::npos ? 0 : before + 1;
    const std::size_t end = rest.find('\n', start);
    const std::string_view line = rest.substr(start, end - start);
    if (line == lower) return true;
    rest = line < lower ? rest.substr(end + 1) : rest.substr(0, start);
  }
  return false;
}

std::optional<std::string> password_fault(const PasswordPolicy& policy, std::string_view password,
                                          const PasswordContext& context) {
  const std::size_t size = count_characters(password);
  if (size < policy.min_characters || size > PasswordPolicy::kMaxCharacters) {
    return "must have " + std::to_string(policy.min_characters) + " to " +
           std::to_string(PasswordPolicy::kMaxCharacters) + " characters";
  }
  const std::string lower = ascii_lower(password);
  if (is_common_password(lower)) return "is a common password";
  if (is_common_with_a_tail(lower)) return "is a common password with something appended";
  if (repeats(lower)) return "repeats itself";
  const std::string_view local = context.email.substr(0, context.email.find('@'));
  if (contains_a_word_of(lower, local)) return "must not contain your address";
  if (contains_a_word_of(lower, context.name)) return "must not contain your name";
  if (lower.find(kService) != std::string::npos) return "must not contain the name of this service";
  return std::nullopt;
}

}  // namespace evently::passwords
