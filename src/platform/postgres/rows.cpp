#include "platform/postgres/rows.hpp"

#include <libpq-fe.h>

#include <charconv>
#include <cstdlib>

#include "platform/postgres/errors.hpp"

namespace evently::postgres {
namespace {

[[noreturn]] void refuse(const char* type, std::string_view text) {
  throw DecodeError(std::string("not ") + type + ": " + std::string(text.substr(0, 40)));
}

template <class Number>
Number decode_number(std::string_view text, const char* type) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) refuse(type, text);
  return value;
}

int column_index(const pg_result* result, const char* column) {
  const int index = PQfnumber(result, column);
  if (index < 0) throw DecodeError(std::string("no column ") + column);
  return index;
}

}  // namespace

template <>
std::string decode<std::string>(std::string_view text) {
  return std::string(text);
}
template <>
std::string_view decode<std::string_view>(std::string_view text) {
  return text;
}
template <>
bool decode<bool>(std::string_view text) {
  if (text == "t") return true;
  if (text == "f") return false;
  refuse("a boolean", text);
}
template <>
std::int32_t decode<std::int32_t>(std::string_view text) {
  return decode_number<std::int32_t>(text, "an int32");
}
template <>
std::int64_t decode<std::int64_t>(std::string_view text) {
  return decode_number<std::int64_t>(text, "an int64");
}
template <>
Uuid decode<Uuid>(std::string_view text) {
  const auto id = parse_uuid(text);
  if (!id) refuse("a uuid", text);
  return *id;
}
template <>
TimePoint decode<TimePoint>(std::string_view text) {
  // "2026-11-24 09:30:00.123+00": sessions run in UTC and ISO style (connection.cpp).
  std::string rfc(text);
  if (rfc.size() < 22 || rfc[10] != ' ' || !rfc.ends_with("+00")) refuse("a UTC timestamp", text);
  rfc[10] = 'T';
  rfc.replace(rfc.size() - 3, 3, "Z");
  const auto time = parse_rfc3339(rfc);
  if (!time) refuse("a timestamp", text);
  return *time;
}
template <>
Money decode<Money>(std::string_view text) {
  const bool negative = text.starts_with('-');
  const auto amount = parse_money(negative ? text.substr(1) : text);
  if (!amount) refuse("an amount", text);
  return negative ? Money{-amount->cents} : *amount;
}

bool Row::is_null(const char* column) const {
  return PQgetisnull(result_, row_, column_index(result_, column)) == 1;
}

std::string_view Row::text(const char* column) const {
  const int index = column_index(result_, column);
  if (PQgetisnull(result_, row_, index) == 1) throw DecodeError(std::string("NULL in ") + column);
  return {PQgetvalue(result_, row_, index),
          static_cast<std::size_t>(PQgetlength(result_, row_, index))};
}

Rows::Rows(pg_result* owned) : result_(owned) {}

void Rows::Deleter::operator()(pg_result* result) const { PQclear(result); }

int Rows::size() const { return result_ ? PQntuples(result_.get()) : 0; }

Row Rows::operator[](int index) const { return Row(result_.get(), index); }

std::int64_t Rows::affected() const { return result_ ? std::atoll(PQcmdTuples(result_.get())) : 0; }

}  // namespace evently::postgres
