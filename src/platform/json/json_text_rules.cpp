#include "platform/json/json_text_rules.hpp"

#include <algorithm>
#include <array>

namespace evently::json {
namespace {

constexpr std::size_t kMaxNameCharacters = 64;

/// White_Space of Unicode 15 beyond ASCII, and the zero-width characters.
constexpr std::array<std::string_view, 27> kInvisible{
    "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005",
    "\u2006", "\u2007", "\u2008", "\u2009", "\u200a", "\u200b", "\u200c", "\u200d", "\u200e",
    "\u200f", "\u2028", "\u2029", "\u202f", "\u205f", "\u2060", "\u3000", "\ufeff", "\u180e"};

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

}  // namespace

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), begins_character));
}

bool has_control(std::string_view text, bool multiline) {
  return std::any_of(text.begin(), text.end(), [multiline](char c) {
    if (multiline && (c == '\n' || c == '\t')) return false;
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

bool is_blank(std::string_view utf8) {
  while (!utf8.empty()) {
    if (utf8.front() == ' ' || (utf8.front() >= '\t' && utf8.front() <= '\r')) {
      utf8.remove_prefix(1);
      continue;
    }
    const auto invisible = std::find_if(kInvisible.begin(), kInvisible.end(),
                                        [utf8](auto text) { return utf8.starts_with(text); });
    if (invisible == kInvisible.end()) return false;
    utf8.remove_prefix(invisible->size());
  }
  return true;
}

std::string_view shorten_name(std::string_view utf8) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    if (!begins_character(utf8[i])) continue;
    if (++characters > kMaxNameCharacters) return utf8.substr(0, i);
  }
  return utf8;
}

void append_pointer(std::string& pointer, std::string_view name) {
  pointer += '/';
  for (const char c : shorten_name(name)) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::string field_of(std::string_view pointer) {
  std::string field;
  for (std::size_t i = 1; i < pointer.size(); ++i) {
    const std::string_view two = pointer.substr(i, 2);
    if (two == "~0" || two == "~1") {
      field += two == "~0" ? '~' : '/';
      ++i;
    } else {
      field += pointer[i] == '/' ? '.' : pointer[i];
    }
  }
  return field;
}

}  // namespace evently::json
