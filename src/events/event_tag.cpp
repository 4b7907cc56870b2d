#include "events/event_tag.hpp"

#include <charconv>

#include "platform/crypto/hmac.hpp"

namespace evently::events {

std::string event_etag(const Event& event, std::string_view body) {
  return '"' + std::to_string(event.version) + '-' +
         crypto::to_hex(crypto::sha256(body)).substr(0, 16) + '"';
}

std::optional<std::int32_t> version_in(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  if (tag.size() < 3 || tag.front() != '"' || tag.back() != '"') return std::nullopt;
  tag = tag.substr(1, tag.size() - 2);
  tag = tag.substr(0, tag.find('-'));
  std::int32_t version = 0;
  const auto parsed = std::from_chars(tag.data(), tag.data() + tag.size(), version);
  if (parsed.ec != std::errc() || parsed.ptr != tag.data() + tag.size()) return std::nullopt;
  return version;
}

}  // namespace evently::events
