#include "accounts/account.hpp"

#include <algorithm>

#include "passwords/password_policy.hpp"

namespace evently::accounts {
namespace {

constexpr std::size_t kMaxEmailBytes = 254;  // RFC 5321 §4.5.3.1.3
constexpr std::size_t kMaxLocalBytes = 64;   // §4.5.3.1.1
constexpr std::size_t kMaxLabelBytes = 63;   // RFC 1035 §2.3.4

bool is_letter_or_digit(char c) {
  const char lower = static_cast<char>(c | 0x20);
  return (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
}

/// Part of a UTF-8 sequence.
bool is_beyond_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

bool is_atom_character(char c) {
  constexpr std::string_view kSigns = "!#$%&'*+-/=?^_`{|}~";  // RFC 5322 §3.2.3
  return is_letter_or_digit(c) || is_beyond_ascii(c) || kSigns.find(c) != std::string_view::npos;
}

bool is_label_character(char c) { return is_letter_or_digit(c) || is_beyond_ascii(c) || c == '-'; }

/// Parts between dots, none empty, all of them fit.
template <class Fits>
bool all_parts(std::string_view text, Fits fits) {
  while (true) {
    const std::size_t end = std::min(text.find('.'), text.size());
    if (end == 0 || !fits(text.substr(0, end))) return false;
    if (end == text.size()) return true;
    text.remove_prefix(end + 1);
  }
}

/// A dot-atom, widened by RFC 6532. Quoted local parts are refused: hardly anybody has one, and
/// mail software disagrees on them.
bool is_local_part(std::string_view local) {
  const auto fits = [](std::string_view atom) {
    return std::all_of(atom.begin(), atom.end(), is_atom_character);
  };
  return local.size() <= kMaxLocalBytes && all_parts(local, fits);
}

/// At least two labels of RFC 1035 §2.3.1, or of an internationalised name; no address literal.
bool is_domain(std::string_view domain) {
  const std::size_t last_dot = domain.rfind('.');
  if (last_dot == std::string_view::npos) return false;
  const std::string_view top = domain.substr(last_dot + 1);
  if (top.find_first_not_of("0123456789") == std::string_view::npos) return false;
  return all_parts(domain, [](std::string_view label) {
    return label.size() <= kMaxLabelBytes && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), is_label_character);
  });
}

}  // namespace

std::optional<std::string> canonical_email(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (email.size() > kMaxEmailBytes || at == std::string_view::npos) return std::nullopt;
  if (!is_local_part(email.substr(0, at)) || !is_domain(email.substr(at + 1))) return std::nullopt;
  return passwords::ascii_lower(email);
}

}  // namespace evently::accounts
