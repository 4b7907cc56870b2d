#include "app/request_observer.hpp"

#include "app/fault_mapper.hpp"
#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

using observability::Level;

/// Reads that went well are counted, not logged: at 50,000 a second a line each would be the work.
bool is_worth_a_line(const http::AccessRecord& record) {
  return record.status >= 400 || record.method != "GET";
}

}  // namespace

/// What the answer tells about who asked: bytes that mean two things, ids that are not there.
void RequestObserver::observe(const http::AccessRecord& record) {
  const bool is_no_request = record.status == 400 && record.method == "-";
  const bool is_missing_id =
      record.status == 404 && record.route.find('{') != std::string_view::npos;
  if (!is_no_request && !is_missing_id) return;
  observability::SecurityEvent event;
  event.type = observability::SecurityEventType::SuspiciousRequest;
  event.client_address = record.client;
  event.request_id = record.request_id;
  event.detail = is_missing_id ? security::kMissingIdDetail : "ambiguous_framing";
  shared_.security().observe(std::move(event));
}

void RequestObserver::finished(const http::AccessRecord& record) {
  const double seconds = std::chrono::duration<double>(record.took).count();
  shared_.metrics.request_finished(record.method, record.route, record.status, seconds);
  if (!is_worth_a_line(record)) return;
  observe(record);
  observability::log(record.status >= 500 ? Level::Error : Level::Info, "http.request_finished",
                     {{"method", record.method},
                      {"route", record.route},
                      {"status", static_cast<std::int64_t>(record.status)},
                      {"ms", seconds * 1000},
                      {"request_id", record.request_id}});
}

void RequestObserver::turned_away(std::string_view) {
  shared_.metrics.count("evently_proxy_header_refused_total");
}

http::Problem RequestObserver::failed(const std::exception_ptr& fault, const http::Request& request,
                                      std::string_view route, const Uuid& error_id) {
  const MappedFault mapped = map_fault(fault);
  shared_.metrics.fault(mapped.fingerprint.substr(0, mapped.fingerprint.find(':')));
  observability::ErrorRecord record;
  record.error_id = error_id;
  record.at = shared_.clock.now();
  record.fingerprint = mapped.fingerprint;
  record.status = mapped.problem.status;
  record.method = http::to_string(request.method);
  record.route = route;
  record.request_id = request.request_id;
  if (request.principal) record.user_id = request.principal->user_id;
  record.message = mapped.message.substr(0, 2000);
  const std::string message = record.message;
  const std::string id = to_string(error_id);
  if (shared_.errors.accept(std::move(record), std::chrono::steady_clock::now())) {
    observability::log(Level::Error, "http.request_failed",
                       {{"error_id", std::string_view(id)},
                        {"fingerprint", std::string_view(mapped.fingerprint)},
                        {"message", std::string_view(message)},
                        {"request_id", std::string_view(request.request_id)}});
  }
  return mapped.problem;
}

}  // namespace evently::app
