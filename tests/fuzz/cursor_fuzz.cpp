// Only what we would have written ourselves, byte for byte, is a cursor.
#include <cstdint>
#include <cstdlib>

#include "platform/json/cursor.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently;
  static const json::CursorCodec cursors(std::string(32, 'c'));
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parts = cursors.decode("events", text);
  if (parts && cursors.encode("events", *parts) != text) abort();
  // What is encoded decodes to itself, whatever its bytes.
  const std::vector<std::string> own{std::string(text.substr(0, size / 2)),
                                     std::string(text.substr(size / 2))};
  if (cursors.decode("events", cursors.encode("events", own)) != own) abort();
  return 0;
}
