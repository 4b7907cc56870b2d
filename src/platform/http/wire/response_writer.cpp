#include "platform/http/wire/response_writer.hpp"

#include <ctime>
#include <string_view>

#include "platform/http/encoding.hpp"

namespace evently::http {
namespace {

/// Smaller bodies cost more to compress than they save.
constexpr std::size_t kCompressFrom = 1024;
/// Larger ones would hold the event loop for too long (about 10 ms at this size).
constexpr std::size_t kCompressUpTo = 512 * 1024;

std::string_view reason(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

const std::string* find_header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return &value;
  }
  return nullptr;
}

/// IMF-fixdate, made once a second and thread.
std::string_view date_now() {
  thread_local std::time_t made_at = 0;
  thread_local char text[40];
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm utc{};
    gmtime_r(&now, &utc);
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
    made_at = now;
  }
  return text;
}

bool is_text(std::string_view type) {
  return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
         type.find("yaml") != std::string_view::npos ||
         type.find("javascript") != std::string_view::npos ||
         type.find("svg") != std::string_view::npos;
}

bool may_compress(const Response& response) {
  const std::string* type = find_header(response, "Content-Type");
  const std::size_t size = response.content().size();
  return response.compressible && size >= kCompressFrom && size <= kCompressUpTo &&
         type != nullptr && is_text(*type) && find_header(response, "Content-Encoding") == nullptr;
}

void compress(Response& response) {
  response.body = gzip_compress(response.content());
  response.shared_body.reset();
  response.headers.emplace_back("Content-Encoding", "gzip");
  for (auto& [name, value] : response.headers) {
    // The bytes differ from the plain form, the meaning does not: a weak tag says just that.
    if (name == "ETag" && !value.starts_with("W/")) value.insert(0, "W/");
  }
}

bool is_unchanged(const Request& request, const Response& response) {
  const bool reads = request.method == Method::Get || request.method == Method::Head;
  if (!reads || response.status != 200) return false;
  const std::string* etag = find_header(response, "ETag");
  const auto wanted = request.header("if-none-match");
  return etag != nullptr && wanted && matches_etag(*wanted, *etag);
}

/// For browsers; each closes a way in that the others leave open. source: OWASP Secure Headers
constexpr std::string_view kOnEveryAnswer =
    "\r\nReporting-Endpoints: csp=\"/api/v1/csp-reports\""
    "\r\nX-Content-Type-Options: nosniff"
    "\r\nX-Frame-Options: DENY"
    "\r\nReferrer-Policy: no-referrer"
    "\r\nPermissions-Policy: accelerometer=(), camera=(), geolocation=(), gyroscope=(), "
    "magnetometer=(), microphone=(), payment=(), usb=()"
    "\r\nCross-Origin-Opener-Policy: same-origin"
    "\r\nCross-Origin-Resource-Policy: same-origin";

/// Never Access-Control-Allow-Credentials: our cookies are for our own pages.
void append_cors(std::string& head, const HeadOptions& options) {
  if (options.varies_by_origin) head += "\r\nVary: Origin";
  if (options.allowed_origin.empty()) return;
  head += "\r\nAccess-Control-Allow-Origin: ";
  head += options.allowed_origin;
  head +=
      "\r\nAccess-Control-Expose-Headers: ETag, Idempotent-Replayed, Link, Location, RateLimit, "
      "RateLimit-Limit, RateLimit-Policy, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
      "X-Request-Id";
}

/// A line break in a value would start a header of an attacker's choice.
void append_value(std::string& head, std::string_view value) {
  if (value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos) {
    head += value;
    return;
  }
  for (const char c : value) head += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

}  // namespace

void negotiate(const Request& request, Response& response) {
  const bool varies = may_compress(response);
  if (varies) response.headers.emplace_back("Vary", "Accept-Encoding");
  if (is_unchanged(request, response)) {
    response.status = 304;
    response.body.clear();
    response.shared_body.reset();
    return;
  }
  if (varies && accepts_gzip(request)) compress(response);
}

std::string write_head(const Response& response, const std::string& request_id,
                       HeadOptions options) {
  std::string head;
  head.reserve(1536);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason(response.status);
  head += "\r\nDate: ";
  head += date_now();
  for (const auto& [name, value] : response.headers) {
    head += "\r\n";
    head += name;
    head += ": ";
    append_value(head, value);
  }
  if (response.status != 304 && response.status != 204) {
    head += "\r\nContent-Length: ";
    head += std::to_string(response.content().size());
  }
  head += "\r\nX-Request-Id: ";
  head += request_id;
  if (find_header(response, "Cache-Control") == nullptr) head += "\r\nCache-Control: no-store";
  if (find_header(response, "Content-Security-Policy") == nullptr) {
    head +=
        "\r\nContent-Security-Policy: default-src 'none'; object-src 'none'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; report-uri /api/v1/csp-reports; report-to csp";
  }
  head += kOnEveryAnswer;
  append_cors(head, options);
  if (options.strict_transport) {
    head += "\r\nStrict-Transport-Security: max-age=31536000; includeSubDomains";
  }
  if (!options.keep_alive) head += "\r\nConnection: close";
  head += "\r\n\r\n";
  return head;
}

}  // namespace evently::http
