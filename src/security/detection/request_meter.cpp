#include "security/detection/request_meter.hpp"

#include "platform/limits/network.hpp"

namespace evently::security {
namespace {

constexpr std::uint64_t kCountMask = 0xffffff;
constexpr unsigned kMinuteShift = 24;
constexpr unsigned kTagShift = 40;
constexpr std::uint64_t kGiveWayBelow = 8;  // a count so small gives its place to a newcomer

}  // namespace

RequestMeter::RequestMeter(std::string_view secret, std::uint32_t threshold)
    : hash_(secret),
      threshold_(threshold),
      places_(std::make_unique<std::atomic<std::uint64_t>[]>(kPlaces)) {}

bool RequestMeter::count(std::string_view address, std::chrono::steady_clock::time_point now) {
  const bool is_v6 = address.find(':') != std::string_view::npos;
  const std::uint64_t hash =
      is_v6 ? hash_("meter", limits::network_of(address).net) : hash_("meter", address);
  const auto minute = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::minutes>(now.time_since_epoch()).count());
  const std::uint64_t own = (hash >> kTagShift << kTagShift) | ((minute & 0xffff) << kMinuteShift);
  std::atomic<std::uint64_t>& place = places_[hash % kPlaces];
  std::uint64_t held = place.load(std::memory_order_relaxed);
  while (true) {
    const bool is_own = (held & ~kCountMask) == own;
    const bool is_old = ((held ^ own) >> kMinuteShift & 0xffff) != 0;
    const std::uint64_t held_count = held & kCountMask;
    if (!is_own && !is_old && held_count >= kGiveWayBelow) return false;
    if (is_own && held_count == kCountMask) return false;
    const std::uint64_t next = is_own ? held + 1 : own + 1;
    if (place.compare_exchange_weak(held, next, std::memory_order_relaxed)) {
      return (next & kCountMask) == threshold_;
    }
  }
}

}  // namespace evently::security
