#include "browser/csp_report_routes.hpp"

#include <algorithm>
#include <boost/json/value.hpp>

#include "platform/http/response.hpp"
#include "platform/json/json_body.hpp"
#include "platform/observability/log.hpp"

namespace evently::browser {
namespace {

constexpr std::uint32_t kLoggedAMinute = 60;
constexpr std::size_t kMaxBytes = 16 * 1024;  // browsers cut their samples at 40 characters
constexpr std::size_t kMaxReports = 20;       // of one message, as Chromium batches them
constexpr std::size_t kDirectiveBytes = 64;
constexpr std::size_t kAddressBytes = 200;

struct Report {
  std::string directive;
  std::string blocked;
};

http::Problem unsupported() {
  return {415, "unsupported_media_type", "Content-Type must be a browser's report", {}, {}, {}};
}

/// `application/csp-report` (CSP 2, report-uri) or `application/reports+json` (Reporting API).
bool is_report(std::string_view type) {
  const std::string_view name = type.substr(0, type.find(';'));
  return name == "application/csp-report" || name == "application/reports+json";
}

std::string text_of(const boost::json::object& body, std::initializer_list<const char*> names,
                    std::size_t most) {
  for (const char* name : names) {
    const auto* value = body.if_contains(name);
    if (value == nullptr || !value->is_string()) continue;
    std::string text(value->get_string());
    text.resize(std::min({text.size(), most, text.find('?')}));  // a query may hold a secret
    return text;
  }
  return "";
}

void add_report(std::vector<Report>& reports, const boost::json::value& entry, const char* member) {
  const auto* object = entry.if_object();
  const auto* body = object == nullptr ? nullptr : object->if_contains(member);
  if (body == nullptr || !body->is_object() || reports.size() == kMaxReports) return;
  const auto& fields = body->get_object();
  reports.push_back(
      {text_of(fields, {"effective-directive", "effectiveDirective", "violated-directive"},
               kDirectiveBytes),
       text_of(fields, {"blocked-uri", "blockedURL"}, kAddressBytes)});
}

/// Throws BadRequest when it is none.
std::vector<Report> parse_reports(const http::Request& request) {
  if (!is_report(request.header("content-type").value_or(""))) {
    throw http::BadRequest(unsupported());
  }
  if (request.body.size() > kMaxBytes) {
    throw http::BadRequest({413, "body_too_large", "Body too large", {}, {}, {}});
  }
  const boost::json::value document = json::parse_strict(request.body);
  std::vector<Report> reports;
  if (document.is_array()) {
    for (const auto& entry : document.get_array()) add_report(reports, entry, "body");
  } else {
    add_report(reports, document, "csp-report");
  }
  if (!reports.empty()) return reports;
  throw http::BadRequest(http::validation_failed({{"", "", "not_a_report", "must be a report"}}));
}

}  // namespace

bool CspReportBudget::take(std::chrono::steady_clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (now - minute_ >= std::chrono::minutes(1)) {
    minute_ = now;
    taken_ = 0;
  }
  if (taken_ == kLoggedAMinute) return false;
  ++taken_;
  return true;
}

std::vector<http::Route> CspReportRoutes::table() {
  return {{http::Method::Post, http::kCspReportPath, http::anyone(http::Access::Screen::Never), "",
           [this](http::Request r) { return take(std::move(r)); }}};
}

/// 204 | 400 | 413 over 16 KiB | 415.
Task<http::Response> CspReportRoutes::take(http::Request request) {
  for (const Report& report : parse_reports(request)) {
    metrics_.count("evently_csp_reports_total");
    if (!budget_.take(std::chrono::steady_clock::now())) continue;
    observability::log(observability::Level::Warning, "browser.csp_report",
                       {{"directive", std::string_view(report.directive)},
                        {"blocked", std::string_view(report.blocked)}});
  }
  co_return http::no_content();
}

}  // namespace evently::browser
