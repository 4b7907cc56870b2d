#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace evently {

/// A 128-bit identifier. Canonical text is 36 lower-case characters.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
};

/// Time-ordered identifier: 48 bits of Unix milliseconds, then 74 random bits. source: RFC 9562
/// §5.7
Uuid make_uuid_v7();

/// When a version 7 was made, by the clock of who made it; nullopt for any other version.
std::optional<TimePoint> made_at(const Uuid& id);

/// Accepts the 36-character form in either case; anything else is nullopt.
std::optional<Uuid> parse_uuid(std::string_view text);

std::string to_string(const Uuid& id);

}  // namespace evently

template <>
struct std::hash<evently::Uuid> {
  std::size_t operator()(const evently::Uuid& id) const noexcept;
};
