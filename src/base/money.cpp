#include "base/money.hpp"

namespace evently {

std::optional<Money> parse_money(std::string_view text) {
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view fraction =
      point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  if (whole.empty() || whole.size() > 10 || fraction.size() > 2) return std::nullopt;
  if (point != std::string_view::npos && fraction.empty()) return std::nullopt;

  std::int64_t cents = 0;
  for (const std::string_view part : {whole, fraction}) {
    for (const char c : part) {
      if (c < '0' || c > '9') return std::nullopt;
      cents = cents * 10 + (c - '0');
    }
  }
  for (std::size_t i = fraction.size(); i < 2; ++i) cents *= 10;
  return Money{cents};
}

std::string to_string(Money amount) {
  const bool negative = amount.cents < 0;
  const std::uint64_t cents = negative ? 0 - static_cast<std::uint64_t>(amount.cents)
                                       : static_cast<std::uint64_t>(amount.cents);
  std::string fraction = std::to_string(cents % 100);
  if (fraction.size() == 1) fraction.insert(0, 1, '0');
  return (negative ? "-" : "") + std::to_string(cents / 100) + "." + fraction;
}

}  // namespace evently
