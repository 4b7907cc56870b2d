#pragma once

#include <string_view>

namespace evently::postgres {

/// A named, prepared, parameterised statement. The only form in which SQL reaches the database:
/// text is a compile-time constant, values go by $n. The name is shown in metrics and logs.
struct Statement {
  std::string_view name;
  const char* sql;

  template <std::size_t N, std::size_t M>
  consteval Statement(const char (&name_literal)[N], const char (&sql_literal)[M])
      : name(name_literal, N - 1), sql(sql_literal) {}
};

}  // namespace evently::postgres
