#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evently::http {

/// A finished answer. Headers that stand on every answer (security headers, X-Request-Id, Date,
/// Content-Length) are added by the session, not here.
struct Response {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;

  /// A body that several answers share (a finished page kept in memory); wins over `body`.
  std::shared_ptr<const std::string> shared_body;

  /// False forbids gzip: the body carries a secret beside text an attacker may choose (BREACH).
  bool compressible = true;

  std::string_view content() const { return shared_body ? std::string_view(*shared_body) : body; }
};

/// `application/json; charset=utf-8`-less JSON answer (RFC 8259 has no charset parameter).
Response json(int status, std::string body);
/// 201 with Location.
Response created(std::string_view location, std::string body);
/// 204.
Response no_content();
Response text(int status, std::string_view content_type, std::string body);

/// Where browsers tell what a policy of ours stopped.
inline constexpr char kCspReportPath[] = "/api/v1/csp-reports";

}  // namespace evently::http
