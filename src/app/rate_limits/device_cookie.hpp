#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "platform/http/request.hpp"

namespace evently::app {

/// A browser in which somebody has signed in to an account before. Opens nothing by itself: its
/// failed sign-ins are only counted apart from those of strangers, so that these cannot lock the
/// owner out.
inline constexpr char kDeviceCookie[] = "__Host-evently_device";

/// The cookie's value as sent, whether true or not.
std::optional<std::string_view> find_device_cookie(const http::Request& request);

/// Makes and knows devices: base64url(id16 || HMAC-SHA256(key, account || id)[0..16)). Immutable.
class DeviceMarks {
 public:
  explicit DeviceMarks(std::string key) : key_(std::move(key)) {}

  /// Value of a Set-Cookie header for a new device of `account` (its blind index).
  std::string new_cookie(std::string_view account) const;
  /// The device's id when the mark is ours and made for that account.
  std::optional<std::string> known_id(std::string_view mark, std::string_view account) const;

 private:
  std::string mac(std::string_view account, std::string_view id) const;

  std::string key_;
};

}  // namespace evently::app
