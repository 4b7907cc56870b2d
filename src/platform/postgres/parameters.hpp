#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"

namespace evently::postgres {

/// Values for $1..$n in PostgreSQL's text format; nullopt is NULL.
using Parameters = std::vector<std::optional<std::string>>;

std::string encode(std::string_view text);
std::string encode(const std::string& text);
std::string encode(const char* text);
std::string encode(bool value);
std::string encode(std::int32_t value);
std::string encode(std::int64_t value);
std::string encode(const Uuid& id);
std::string encode(TimePoint time);
std::string encode(Money amount);
/// bytea in hex form: `\x…`.
std::string encode_bytes(std::string_view bytes);
/// Array literal `{"a","b",NULL}` of already encoded elements, each quoted and escaped.
std::string encode_array(const std::vector<std::optional<std::string>>& elements);

/// libpq takes text up to its first NUL: instead of cutting a value short in silence this throws
/// QueryError 22021, the server's own refusal of such text.
void refuse_nul(std::string_view statement, const Parameters& values);

template <class T>
std::optional<std::string> encode_value(const T& value) {
  return encode(value);
}
template <class T>
std::optional<std::string> encode_value(const std::optional<T>& value) {
  if (!value) return std::nullopt;
  return encode(*value);
}

/// parameters(event_id, quantity, std::optional<Money>{}) -> {"0192…", "2", NULL}
template <class... Ts>
Parameters parameters(const Ts&... values) {
  return Parameters{encode_value(values)...};
}

}  // namespace evently::postgres
