#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace evently {

/// An amount in hundredths of its currency, never a floating-point number.
struct Money {
  std::int64_t cents = 0;

  auto operator<=>(const Money&) const = default;
};

/// "99.99", "99", "0.5": digits with at most two decimals, 0 .. 9999999999.99; nullopt otherwise.
std::optional<Money> parse_money(std::string_view text);

/// Always two decimals: "99.90".
std::string to_string(Money amount);

}  // namespace evently
