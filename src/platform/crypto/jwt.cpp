#include "platform/crypto/jwt.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"

namespace evently::crypto {
namespace {

constexpr std::size_t kMaxTokenBytes = 1024;
constexpr std::chrono::seconds kLeeway{30};
constexpr std::int64_t kMaxSeconds = 253'402'300'799;  // the end of 9999, far from overflow

/// Both go into JSON as they are.
bool is_plain_word(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

std::string seconds_text(TimePoint time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}

std::string payload_of(const Claims& claims) {
  return R"({"iss":"evently-api","aud":"evently-clients","user_id":")" + to_string(claims.user_id) +
         R"(","role":")" + claims.role + R"(","iat":)" + seconds_text(claims.issued_at) +
         R"(,"exp":)" + seconds_text(claims.expires_at) + R"(,"jti":")" + to_string(claims.jti) +
         R"("})";
}

/// Takes `literal` off the front, or fails the whole parse.
bool skip(std::string_view& rest, std::string_view literal) {
  if (!rest.starts_with(literal)) return false;
  rest.remove_prefix(literal.size());
  return true;
}

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(at);
  return taken;
}

std::optional<TimePoint> parse_seconds(std::string_view text) {
  std::int64_t seconds = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  if (seconds < 0 || seconds > kMaxSeconds) return std::nullopt;
  return TimePoint(std::chrono::seconds(seconds));
}

/// The one spelling we write; anything else is not ours, whatever its MAC.
std::optional<Claims> parse_payload(std::string_view whole) {
  std::string_view rest = whole;
  Claims claims;
  if (!skip(rest, R"({"iss":"evently-api","aud":"evently-clients","user_id":")")) return {};
  const auto user_id = parse_uuid(take_until(rest, '"'));
  if (!skip(rest, R"(","role":")")) return {};
  claims.role = take_until(rest, '"');
  if (!skip(rest, R"(","iat":)")) return {};
  const auto issued = parse_seconds(take_until(rest, ','));
  if (!skip(rest, R"(,"exp":)")) return {};
  const auto expires = parse_seconds(take_until(rest, ','));
  if (!skip(rest, R"(,"jti":")")) return {};
  const auto jti = parse_uuid(take_until(rest, '"'));
  if (rest != R"("})" || !user_id || !issued || !expires || !jti) return {};
  if (!is_plain_word(claims.role)) return {};
  claims.user_id = *user_id;
  claims.issued_at = *issued;
  claims.expires_at = *expires;
  claims.jti = *jti;
  // Leading zeros, capital hex digits and the like: readable, yet not what we write.
  if (payload_of(claims) != whole) return {};
  return claims;
}

}  // namespace

TokenKeys::Keys TokenKeys::prepared(const KeyRing& ring) {
  if (ring.empty()) throw std::invalid_argument("no token key");
  Keys keys{ring, {}};
  for (const RingKey& key : ring) {
    if (key.secret.size() != 32) throw std::invalid_argument("a token key must have 32 bytes");
    keys.headers.push_back(base64url_encode(R"({"alg":"HS256","typ":"JWT","kid":")" +
                                            std::to_string(key.kid) + R"("})"));
  }
  return keys;
}

std::string TokenKeys::issue(const Claims& claims) const {
  if (!is_plain_word(claims.role)) throw std::invalid_argument("not a role: " + claims.role);
  const Keys& keys = keys_.get();
  const RingKey& key = current_key(keys.ring, claims.issued_at);
  const auto place = static_cast<std::size_t>(&key - keys.ring.data());
  const std::string signed_part = keys.headers[place] + "." + base64url_encode(payload_of(claims));
  return signed_part + "." + base64url_encode(hmac_sha256(key.secret, signed_part));
}

std::optional<Claims> TokenKeys::verify(std::string_view token, TimePoint now) const {
  if (token.size() > kMaxTokenBytes) return std::nullopt;
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last) return std::nullopt;
  const std::string_view payload = token.substr(first + 1, last - first - 1);
  if (payload.find('.') != std::string_view::npos) return std::nullopt;

  const Keys& keys = keys_.get();
  for (std::size_t i = 0; i < keys.ring.size(); ++i) {
    if (token.substr(0, first) != keys.headers[i]) continue;
    const RingKey& key = keys.ring[i];
    if (key.is_retired(now)) return std::nullopt;
    const auto mac = base64url_decode(token.substr(last + 1));
    if (!mac || !equal_in_constant_time(*mac, hmac_sha256(key.secret, token.substr(0, last)))) {
      return std::nullopt;
    }
    const auto text = base64url_decode(payload);
    if (!text) return std::nullopt;
    auto claims = parse_payload(*text);
    if (!claims || now >= claims->expires_at + kLeeway || now < claims->issued_at - kLeeway) {
      return std::nullopt;
    }
    return claims;
  }
  return std::nullopt;
}

}  // namespace evently::crypto
