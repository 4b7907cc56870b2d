#include "platform/observability/json_text.hpp"

namespace evently::observability {
namespace {

constexpr char kHex[] = "0123456789abcdef";

void append_escape(std::string& out, unsigned char byte) {
  if (byte == '"' || byte == '\\') {
    out += '\\';
    out += static_cast<char>(byte);
  } else if (byte == '\n') {
    out += "\\n";
  } else {
    out += "\\u00";
    out += kHex[byte >> 4];
    out += kHex[byte & 0x0f];
  }
}

/// Bytes of the well-formed UTF-8 character (two bytes or more) at the front; 0: there is none.
/// source: Unicode 15, table 3-7
std::size_t character_size(std::string_view text) {
  const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = at(0);
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (at(1) < low || at(1) > high) return 0;
  for (std::size_t i = 2; i < size; ++i) {
    if ((at(i) & 0xc0) != 0x80) return 0;
  }
  return size;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // start of the run not yet copied
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte >= 0x20 && byte != '"' && byte != '\\' && byte != 0x7f) continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    append_escape(out, byte);
  }
  out.append(text, plain, text.size() - plain);
  out += '"';
}

void append_log_string(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text.front());
    std::size_t size = 1;
    if (byte < 0x20 || byte == '"' || byte == '\\' || byte == 0x7f) {
      append_escape(out, byte);
    } else if (byte < 0x80) {
      out += text.front();
    } else if (size = character_size(text); size == 0) {
      out += "\\ufffd";
      size = 1;
    } else if (text.starts_with("\u2028") || text.starts_with("\u2029")) {
      out += text.starts_with("\u2028") ? "\\u2028" : "\\u2029";
    } else if (byte == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0) {
      append_escape(out, static_cast<unsigned char>(text[1]));  // C1: a terminal may obey it
    } else {
      out.append(text, 0, size);
    }
    text.remove_prefix(size);
  }
  out += '"';
}

}  // namespace evently::observability
