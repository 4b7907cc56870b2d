#include "platform/json/json_writer.hpp"

#include "platform/observability/json_text.hpp"

namespace evently::json {

void JsonWriter::separate() {
  if (!out_.empty() && out_.back() != '{' && out_.back() != '[' && out_.back() != ':') out_ += ',';
}

JsonWriter& JsonWriter::begin_object() { return raw("{"); }
JsonWriter& JsonWriter::begin_array() { return raw("["); }

JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  observability::append_json_string(out_, name);
  out_ += ':';
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  separate();
  observability::append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::value(std::int64_t number) { return raw(std::to_string(number)); }
JsonWriter& JsonWriter::value(bool flag) { return raw(flag ? "true" : "false"); }
JsonWriter& JsonWriter::value(const Uuid& id) { return value(to_string(id)); }
JsonWriter& JsonWriter::value(TimePoint time) { return value(to_rfc3339(time)); }
JsonWriter& JsonWriter::value(Money amount) { return value(to_string(amount)); }
JsonWriter& JsonWriter::null() { return raw("null"); }

}  // namespace evently::json
