#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string_view>

#include "platform/limits/keyed_hash.hpp"

namespace evently::security {

/// Requests a minute by network, in a fixed table of 512 kB that all threads share: one hash and
/// one or two atomic operations a request, no lock, no event. Minutes are those of the steady
/// clock; a network that shares its place with a busier one is counted once the minute ends.
class RequestMeter {
 public:
  /// `secret`: 32 bytes; nobody can choose addresses that share a place.
  RequestMeter(std::string_view secret, std::uint32_t threshold);

  /// True for the one request of a minute that reaches the threshold.
  bool count(std::string_view address, std::chrono::steady_clock::time_point now);

 private:
  static constexpr std::size_t kPlaces = std::size_t{1} << 16;

  const limits::KeyedHash hash_;
  const std::uint32_t threshold_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> places_;  ///< tag 24 | minute 16 | count 24
};

}  // namespace evently::security
