#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"

struct pg_result;  // libpq's PGresult

namespace evently::postgres {

// decode<T>: text format -> value; throws DecodeError on a value that is not a T.
template <class T>
T decode(std::string_view text);
template <>
std::string decode<std::string>(std::string_view text);
template <>
std::string_view decode<std::string_view>(std::string_view text);
template <>
bool decode<bool>(std::string_view text);
template <>
std::int32_t decode<std::int32_t>(std::string_view text);
template <>
std::int64_t decode<std::int64_t>(std::string_view text);
template <>
Uuid decode<Uuid>(std::string_view text);
template <>
TimePoint decode<TimePoint>(std::string_view text);
template <>
Money decode<Money>(std::string_view text);

class Rows;

/// A row of a result; valid while its Rows lives.
class Row {
 public:
  /// Throws when the column is unknown, NULL, or not a T.
  template <class T>
  T get(const char* column) const {
    return decode<T>(text(column));
  }
  template <class T>
  std::optional<T> find(const char* column) const {
    if (is_null(column)) return std::nullopt;
    return decode<T>(text(column));
  }
  bool is_null(const char* column) const;

 private:
  friend class Rows;
  Row(const pg_result* result, int row) : result_(result), row_(row) {}
  std::string_view text(const char* column) const;

  const pg_result* result_;
  int row_;
};

/// The rows one statement returned. Movable; owns libpq's result.
class Rows {
 public:
  Rows() = default;
  explicit Rows(pg_result* owned);

  int size() const;
  bool empty() const { return size() == 0; }
  Row operator[](int index) const;
  /// What `decode` makes of each row, in order.
  template <class Decode>
  auto map(Decode decode) const {
    std::vector<decltype(decode((*this)[0]))> all;
    all.reserve(static_cast<std::size_t>(size()));
    for (int i = 0; i < size(); ++i) all.push_back(decode((*this)[i]));
    return all;
  }
  /// Rows inserted, updated or deleted by a statement without RETURNING.
  std::int64_t affected() const;

 private:
  struct Deleter {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Deleter> result_;
};

}  // namespace evently::postgres
