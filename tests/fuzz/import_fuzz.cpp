// A file of events: every line is an event or a fault with its number, in order.
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "events/import/event_import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently::events;
  if (size == 0) return 0;
  std::istringstream in(std::string(reinterpret_cast<const char*>(data) + 1, size - 1));
  const auto lines = data[0] % 2 == 0 ? read_csv(in) : read_ndjson(in);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].number <= lines[i - 1].number) abort();
  }
  return 0;
}
