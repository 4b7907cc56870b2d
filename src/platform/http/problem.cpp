#include "platform/http/problem.hpp"

#include <algorithm>

#include "base/uuid.hpp"
#include "platform/observability/json_text.hpp"

namespace evently::http {
namespace {

using observability::append_json_string;

void append_member(std::string& out, std::string_view name, std::string_view value) {
  if (out.back() != '{') out += ',';
  append_json_string(out, name);
  out += ':';
  append_json_string(out, value);
}

void append_member(std::string& out, const ProblemMember& member) {
  out += ',';
  append_json_string(out, member.first);
  out += ':';
  if (std::holds_alternative<std::nullptr_t>(member.second)) out += "null";
  if (const auto* flag = std::get_if<bool>(&member.second)) out += *flag ? "true" : "false";
  if (const auto* number = std::get_if<std::int64_t>(&member.second))
    out += std::to_string(*number);
  if (const auto* words = std::get_if<std::string>(&member.second)) append_json_string(out, *words);
}

void append_details(std::string& out, const std::vector<FieldFault>& details) {
  out += ",\"details\":[";
  for (const FieldFault& fault : details) {
    if (out.back() != '[') out += ',';
    out += '{';
    append_member(out, "field", fault.field);
    append_member(out, "pointer", fault.pointer);
    append_member(out, "code", fault.code);
    append_member(out, "message", fault.message);
    out += '}';
  }
  out += ']';
}

}  // namespace

Problem&& Problem::with(std::string name, std::string value) && {
  members.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}
Problem&& Problem::with(std::string name, const char* value) && {
  return std::move(*this).with(std::move(name), std::string(value));
}
Problem&& Problem::with(std::string name, std::int64_t value) && {
  members.emplace_back(std::move(name), value);
  return std::move(*this);
}
Problem&& Problem::with(std::string name, std::nullptr_t) && {
  members.emplace_back(std::move(name), nullptr);
  return std::move(*this);
}
Problem&& Problem::with_header(std::string name, std::string value) && {
  headers.emplace_back(std::move(name), std::move(value));
  return std::move(*this);
}

Response render(const Problem& problem) { return render(problem, to_string(make_uuid_v7())); }

Response render(const Problem& problem, std::string_view error_id) {
  std::string type = "/problems/" + problem.code;
  std::replace(type.begin(), type.end(), '_', '-');

  std::string body = "{";
  append_member(body, "type", type);
  append_member(body, "title", problem.title);
  body += ",\"status\":" + std::to_string(problem.status);
  append_member(body, "code", problem.code);
  append_member(body, "error", problem.title);
  append_member(body, "errorId", error_id);
  for (const ProblemMember& member : problem.members) append_member(body, member);
  if (!problem.details.empty()) append_details(body, problem.details);
  body += '}';

  Response response = text(problem.status, "application/problem+json", std::move(body));
  for (const auto& header : problem.headers) response.headers.push_back(header);
  return response;
}

Problem validation_failed(std::vector<FieldFault> details) {
  Problem problem{400, "validation_failed", "Validation failed", {}, {}, {}};
  problem.details = std::move(details);
  return problem;
}

Problem authentication_required() {
  return Problem{401, "authentication_required", "Authentication required", {}, {}, {}}.with_header(
      "WWW-Authenticate", "Bearer");
}

Problem step_up_required() {
  return {403, "step_up_required", "Prove your password again first", {}, {}, {}};
}

Problem insufficient_permissions(std::string_view required, std::string_view user_role) {
  return Problem{403, "insufficient_permissions", "Insufficient permissions", {}, {}, {}}
      .with("required", std::string(required))
      .with("user_role", std::string(user_role));
}

Problem not_found() { return Problem{404, "not_found", "Not found", {}, {}, {}}; }

Problem temporarily_unavailable(std::chrono::seconds retry_after) {
  return Problem{503, "temporarily_unavailable", "Temporarily unavailable", {}, {}, {}}.with_header(
      "Retry-After", std::to_string(retry_after.count()));
}

BadRequest::BadRequest(Problem what) : std::runtime_error(what.title), problem(std::move(what)) {}

}  // namespace evently::http
