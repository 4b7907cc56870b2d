// Only what we would have written ourselves, byte for byte, is a token.
#include <cstdint>
#include <cstdlib>

#include "platform/crypto/jwt.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently;
  static const crypto::TokenKeys tokens(crypto::ring_of(std::string(32, 't')));
  const TimePoint now(std::chrono::seconds(1'800'000'000));
  static const std::string ours = tokens.issue({{}, "user", now, now + std::chrono::hours(24), {}});
  if (!tokens.verify(ours, now)) abort();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto claims = tokens.verify(text, now);
  if (claims && tokens.issue(*claims) != text) abort();
  return 0;
}
