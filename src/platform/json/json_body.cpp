#include "platform/json/json_body.hpp"

#include "platform/json/json_reader.hpp"
#include "platform/json/media_type.hpp"

namespace evently::json {
Body parse_body(const http::Request& request) {
  const std::string_view type = request.header("content-type").value_or("");
  if (request.header_count("content-type") != 1 || !is_json(type)) {
    throw http::BadRequest(http::Problem{
        415, "unsupported_media_type", "Content-Type must be application/json", {}, {}, {}});
  }
  Parsed parsed = parse_lenient(request.body);
  if (!parsed.value.is_object()) {
    parsed.faults.push_back({"", "", "not_an_object", "must be a JSON object"});
    throw http::BadRequest(http::validation_failed(std::move(parsed.faults)));
  }
  return {std::move(parsed.value.as_object()), std::move(parsed.faults)};
}

void expect_no_members(const http::Request& request) {
  if (request.body.empty()) return;
  const Body body = parse_body(request);
  ObjectReader(body).finish();
}

}  // namespace evently::json
