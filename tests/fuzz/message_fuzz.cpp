// The bytes of a connection: however they are cut into reads, the same requests come out of them.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "platform/http/wire/message_parser.hpp"

namespace {

using namespace evently::http;

struct Outcome {
  std::vector<Request> requests;
  bool refused = false;
};

/// Reads of `step` bytes.
Outcome read_all(std::string_view bytes, std::size_t step) {
  static const HttpConfig config;
  Outcome outcome;
  std::string buffer;
  MessageParser parser(config);
  while (!bytes.empty() || !buffer.empty()) {
    const std::size_t held = buffer.size();
    const auto state = parser.feed(buffer);
    if (state == MessageParser::State::Refused) {
      outcome.refused = true;
      return outcome;
    }
    if (state == MessageParser::State::NeedsContinue) parser.continue_sent();
    if (state == MessageParser::State::Complete) {
      outcome.requests.push_back(parser.take_request());
      parser = MessageParser(config);
      continue;
    }
    if (buffer.size() != held) continue;
    if (bytes.empty()) return outcome;
    buffer += bytes.substr(0, step);
    bytes.remove_prefix(std::min(step, bytes.size()));
  }
  return outcome;
}

bool same(const Request& left, const Request& right) {
  return left.method == right.method && left.target == right.target &&
         left.headers == right.headers && left.body == right.body;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Outcome whole = read_all(bytes, bytes.size() + 1);
  const Outcome pieces = read_all(bytes, data[0] % 16 + 1);
  if (whole.refused != pieces.refused || whole.requests.size() != pieces.requests.size()) abort();
  for (std::size_t i = 0; i < whole.requests.size(); ++i) {
    if (!same(whole.requests[i], pieces.requests[i])) abort();
  }
  return 0;
}
