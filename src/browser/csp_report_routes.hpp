#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

#include "platform/http/route.hpp"
#include "platform/observability/metrics.hpp"

namespace evently::browser {

/// How many reports may be written to the log: anybody can send them. Thread-safe.
class CspReportBudget {
 public:
  /// True at most 60 times a minute.
  bool take(std::chrono::steady_clock::time_point now);

 private:
  std::mutex mutex_;
  std::chrono::steady_clock::time_point minute_{};
  std::uint32_t taken_ = 0;
};

/// POST /csp-reports: browsers tell what a Content-Security-Policy of ours stopped. All are
/// counted, few are logged, and nothing of a report but directive and blocked address is kept.
class CspReportRoutes {
 public:
  CspReportRoutes(observability::Metrics& metrics, CspReportBudget& budget)
      : metrics_(metrics), budget_(budget) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> take(http::Request request);

  observability::Metrics& metrics_;
  CspReportBudget& budget_;
};

}  // namespace evently::browser
