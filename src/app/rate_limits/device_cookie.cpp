#include "app/rate_limits/device_cookie.hpp"

#include "browser/cookies.hpp"
#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::app {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kMacBytes = 16;
constexpr char kYear[] = "31536000";  // seconds

}  // namespace

std::optional<std::string_view> find_device_cookie(const http::Request& request) {
  return browser::find_cookie(request, kDeviceCookie);
}

std::string DeviceMarks::mac(std::string_view account, std::string_view id) const {
  std::string message = "device|v1|";
  message.append(account).append(id);
  return crypto::hmac_sha256(key_, message).substr(0, kMacBytes);
}

std::string DeviceMarks::new_cookie(std::string_view account) const {
  const std::string id = crypto::random_bytes(kIdBytes);
  return kDeviceCookie + ("=" + crypto::base64url_encode(id + mac(account, id))) +
         "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=" + kYear;
}

std::optional<std::string> DeviceMarks::known_id(std::string_view mark,
                                                 std::string_view account) const {
  const auto bytes = crypto::base64url_decode(mark);
  if (!bytes || bytes->size() != kIdBytes + kMacBytes) return std::nullopt;
  std::string id = bytes->substr(0, kIdBytes);
  const std::string claimed = bytes->substr(kIdBytes);
  if (!crypto::equal_in_constant_time(claimed, mac(account, id))) return std::nullopt;
  return id;
}

}  // namespace evently::app
