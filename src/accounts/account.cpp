#include "accounts/account.hpp"

#include <algorithm>
#include <array>

namespace evently::accounts {
namespace {

constexpr std::size_t kMaxEmailBytes = 254;  // RFC 5321 §4.5.3.1.3
constexpr std::size_t kMaxLocalBytes = 64;   // §4.5.3.1.1
constexpr std::size_t kMaxLabelBytes = 63;   // RFC 1035 §2.3.4
constexpr std::size_t kMinCharacters = 12;
constexpr std::size_t kMaxCharacters = 128;

/// Common passwords of twelve characters and more, lower case.
constexpr std::array<std::string_view, 36> kCommon{
    "123456789012",    "1234567890123",    "12345678901234", "123456789123",     "111111111111",
    "000000000000",    "1qaz2wsx3edc",     "1q2w3e4r5t6y",   "qwertyuiop12",     "qwertyuiop123",
    "qwerty123456",    "q1w2e3r4t5y6",     "qwertyuiopas",   "asdfghjkl123",     "zaq12wsxcde3",
    "password1234",    "password12345",    "password123456", "passwordpassword", "iloveyou1234",
    "iloveyouforever", "letmeinletmein",   "welcome12345",   "welcome123456",    "administrator",
    "administrator1",  "changeme1234",     "abcdefghijkl",   "abcdef123456",     "abc123abc123",
    "unbelievable",    "manchesterunited", "liverpoolfc1",   "sunshine1234",     "footballfootball",
    "trustno1trustno1"};

std::string ascii_lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

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

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::optional<std::string> canonical_email(std::string_view email) {
  const std::size_t at = email.rfind('@');
  if (email.size() > kMaxEmailBytes || at == std::string_view::npos) return std::nullopt;
  if (!is_local_part(email.substr(0, at)) || !is_domain(email.substr(at + 1))) return std::nullopt;
  return ascii_lower(email);
}

std::optional<std::string> password_fault(std::string_view password, std::string_view email) {
  const std::size_t size = count_characters(password);
  if (size < kMinCharacters || size > kMaxCharacters) return "must have 12 to 128 characters";
  const std::string lower = ascii_lower(password);
  if (std::find(kCommon.begin(), kCommon.end(), lower) != kCommon.end())
    return "is a common password";
  const bool repeats = lower.find_first_not_of(lower[0]) == std::string::npos;
  if (repeats) return "repeats one character";
  const std::string local = ascii_lower(email.substr(0, email.find('@')));
  if (local.size() >= 4 && lower.find(local) != std::string::npos)
    return "must not contain your address";
  if (lower.find("evently") != std::string::npos)
    return "must not contain the name of this service";
  return std::nullopt;
}

}  // namespace evently::accounts
