// A path and query: read or refused, and a list's filters are refused as the client's fault only.
#include <cstdint>
#include <cstdlib>

#include "events/event_list_request.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/wire/request_intake.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace evently;
  static const json::CursorCodec cursors(std::string(32, 'c'));
  http::Request request;
  request.target.assign(reinterpret_cast<const char*>(data), size);
  if (!http::read_target(request)) return 0;
  if (!http::is_utf8(request.path) || request.path.find('\0') != std::string::npos) abort();
  try {
    const events::EventQuery query = events::parse_event_query(request, cursors, true);
    if (query.limit < 1 || query.limit > 100) abort();
  } catch (const http::BadRequest& refused) {
    if (refused.problem.status != 400) abort();
  }
  return 0;
}
