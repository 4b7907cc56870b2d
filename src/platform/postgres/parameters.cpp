#include "platform/postgres/parameters.hpp"

#include "platform/postgres/errors.hpp"

namespace evently::postgres {

std::string encode(std::string_view text) { return std::string(text); }
std::string encode(const std::string& text) { return text; }
std::string encode(const char* text) { return text; }
std::string encode(bool value) { return value ? "t" : "f"; }
std::string encode(std::int32_t value) { return std::to_string(value); }
std::string encode(std::int64_t value) { return std::to_string(value); }
std::string encode(const Uuid& id) { return to_string(id); }
std::string encode(TimePoint time) { return to_rfc3339(time); }
std::string encode(Money amount) { return to_string(amount); }

std::string encode_bytes(std::string_view bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "\\x";
  text.reserve(2 + bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kHex[byte >> 4];
    text += kHex[byte & 0x0f];
  }
  return text;
}

std::string encode_array(const std::vector<std::optional<std::string>>& elements) {
  std::string text = "{";
  for (const auto& element : elements) {
    if (text.size() > 1) text += ',';
    if (!element) {
      text += "NULL";
      continue;
    }
    text += '"';
    for (const char c : *element) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + "}";
}

void refuse_nul(std::string_view statement, const Parameters& values) {
  for (const auto& value : values) {
    if (!value || value->find('\0') == std::string::npos) continue;
    throw QueryError(std::string(statement), "22021", "", "a value holds a NUL");
  }
}

}  // namespace evently::postgres
