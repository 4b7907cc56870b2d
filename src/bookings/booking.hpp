#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"

namespace evently::bookings {

constexpr std::int64_t kMaxQuantity = 10;

struct Booking {
  Uuid id;
  std::string reference;
  Uuid event_id;
  Uuid user_id;
  std::int32_t quantity = 0;
  Money total_amount;
  std::string currency;
  std::string status;  ///< held | confirmed | cancelled | expired
  TimePoint created_at;
  std::optional<TimePoint> cancelled_at;
  // Of the event, so that a ticket reads without another request.
  std::string event_name;
  std::optional<TimePoint> event_date;
  std::string venue;
};

/// A reference nobody can guess or misread: EV-XXXXX-XXXXXC, ten random symbols (50 bits) of an
/// alphabet without 0, O, 1 and I, and a check symbol (Luhn mod 32: every single wrong symbol and
/// nearly every swap of neighbours is noticed).
std::string make_reference();
bool is_reference(std::string_view text);

}  // namespace evently::bookings
