#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "platform/http/response.hpp"

namespace evently::http {

/// One fault of a submitted body or query. The submitted value is never echoed.
struct FieldFault {
  std::string field;    ///< dotted name: "quantity"
  std::string pointer;  ///< JSON Pointer (RFC 6901): "/quantity"; empty for a query parameter
  std::string code;     ///< "required", "out_of_range", "unknown_member", …
  std::string message;  ///< for people: "must be between 1 and 10"
};

/// Extra members of a problem document, in order. nullptr_t renders as null.
using ProblemMember =
    std::pair<std::string, std::variant<std::nullptr_t, bool, std::int64_t, std::string>>;

/// Everything that makes one RFC 9457 answer. `type` is derived from `code`
/// (`validation_failed` -> `/problems/validation-failed`), `error` equals `title` (api.md).
struct Problem {
  int status = 500;
  std::string code = "internal_error";
  std::string title = "Internal server error";
  std::vector<ProblemMember> members;
  std::vector<FieldFault> details;                           ///< rendered when not empty
  std::vector<std::pair<std::string, std::string>> headers;  ///< Retry-After, Allow, …

  Problem&& with(std::string name, std::string value) &&;
  Problem&& with(std::string name, const char* value) &&;
  Problem&& with(std::string name, std::int64_t value) &&;
  Problem&& with(std::string name, std::nullptr_t) &&;
  Problem&& with_header(std::string name, std::string value) &&;
};

/// Renders the document with a fresh errorId (UUIDv7).
Response render(const Problem& problem);
/// The same under a given errorId (5xx: the id that error_log has).
Response render(const Problem& problem, std::string_view error_id);

// The problems every room may answer with; slices define their own next to their refusals.
Problem validation_failed(std::vector<FieldFault> details);
Problem authentication_required();
Problem insufficient_permissions(std::string_view required, std::string_view user_role);
/// 403: the proof of who calls is older than five minutes.
Problem step_up_required();
Problem not_found();
/// 503 + Retry-After (seconds). Never mixed up with "sold out".
Problem temporarily_unavailable(std::chrono::seconds retry_after);

/// Malformed input found deep inside a parser: the session answers with `problem`.
struct BadRequest : std::runtime_error {
  explicit BadRequest(Problem what);
  Problem problem;
};

}  // namespace evently::http
