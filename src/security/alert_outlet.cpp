#include "security/alert_outlet.hpp"

#include "platform/json/json_writer.hpp"

namespace evently::security {
namespace {

const char* state_of(const AlertNote& note) { return note.is_open ? "open" : "closed"; }

}  // namespace

std::string to_json(const AlertNote& note) {
  json::JsonWriter out;
  out.begin_object()
      .member("event", "security.alert")
      .member("id", note.id)
      .member("kind", note.kind)
      .member("state", state_of(note))
      .member("key", note.key)
      .member("last_network", note.last_network)
      .member("count", note.count)
      .member("opened_at", note.opened_at)
      .member("last_at", note.last_at)
      .member("left_out", note.left_out)
      .end_object();
  return out.take();
}

std::string to_line(const AlertNote& note) {
  std::string line = to_rfc3339(std::chrono::floor<std::chrono::seconds>(note.last_at));
  line += " " + note.kind + " " + state_of(note) + ": " + note.key;
  line += ", count " + std::to_string(note.count);
  if (note.last_network) line += ", last from " + *note.last_network;
  return line;
}

}  // namespace evently::security
