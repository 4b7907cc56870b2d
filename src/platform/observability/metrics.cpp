#include "platform/observability/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <stdexcept>
#include <tuple>

#include "platform/observability/metric_names.hpp"

namespace evently::observability {
namespace {

// 0.5 ms … 10 s
const prometheus::Histogram::BucketBoundaries kSeconds{
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10};
const prometheus::Histogram::BucketBoundaries kWishes{1, 2, 4, 8, 16, 32, 64, 128, 256};

struct RouteCell {
  prometheus::Counter* count;
  prometheus::Histogram* seconds;
};
using RouteKey = std::tuple<int, std::string, std::string>;
using RouteKeyView = std::tuple<int, std::string_view, std::string_view>;
struct ByKey {
  using is_transparent = void;
  template <class Left, class Right>
  bool operator()(const Left& left, const Right& right) const {
    return RouteKeyView(left) < RouteKeyView(right);
  }
};

std::atomic<std::uint64_t> last_serial{0};

std::logic_error no_such_metric(std::string_view name) {
  return std::logic_error("metric_names.hpp has no " + std::string(name));
}

std::string help_of(std::span<const MetricName> names, std::string_view wanted) {
  for (const MetricName& each : names) {
    if (each.name == wanted) return std::string(each.help);
  }
  throw no_such_metric(wanted);
}

}  // namespace

struct Metrics::Families {
  prometheus::Registry registry;
  prometheus::Family<prometheus::Counter>& requests = prometheus::BuildCounter()
                                                          .Name("evently_http_requests_total")
                                                          .Help("Answers, by route and status")
                                                          .Register(registry);
  prometheus::Family<prometheus::Histogram>& seconds =
      prometheus::BuildHistogram()
          .Name("evently_http_request_seconds")
          .Help("From the whole request to the answer")
          .Register(registry);
  prometheus::Histogram& batch_wishes = prometheus::BuildHistogram()
                                            .Name("evently_bookings_batch_wishes")
                                            .Help("Bookings in one commit")
                                            .Register(registry)
                                            .Add({}, kWishes);
  prometheus::Histogram& batch_seconds = prometheus::BuildHistogram()
                                             .Name("evently_bookings_batch_seconds")
                                             .Help("Time of one commit")
                                             .Register(registry)
                                             .Add({}, kSeconds);
  prometheus::Counter& poisoned = prometheus::BuildCounter()
                                      .Name("evently_bookings_batch_poison_total")
                                      .Help("Requests that failed a batch alone")
                                      .Register(registry)
                                      .Add({});
  prometheus::Family<prometheus::Counter>& faults = prometheus::BuildCounter()
                                                        .Name("evently_faults_total")
                                                        .Help("Exceptions answered with 5xx")
                                                        .Register(registry);

  Families();
  RouteCell route_cell(std::string_view method, std::string_view route, int status);
  prometheus::Counter& counter_of(std::string_view counter, std::string_view label,
                                  std::string_view value);

  const std::uint64_t serial = ++last_serial;  // tells one Metrics from another at its address
  std::mutex mutex;                            // guards the maps; increments are atomic
  std::map<std::string, prometheus::Counter*, std::less<>> faults_by_kind;
  std::map<std::string, prometheus::Counter*, std::less<>> counters;
  std::map<std::string, prometheus::Gauge*, std::less<>> gauges;
};

Metrics::Families::Families() {
  for (const MetricName& counter : kCounters) {
    auto& made = prometheus::BuildCounter()
                     .Name(std::string(counter.name))
                     .Help(std::string(counter.help))
                     .Register(registry);
    counters.emplace(counter.name, &made.Add({}));
  }
}

RouteCell Metrics::Families::route_cell(std::string_view method, std::string_view route,
                                        int status) {
  const std::string by_method(method);
  const std::string by_route(route);
  return {&requests.Add(
              {{"method", by_method}, {"route", by_route}, {"status", std::to_string(status)}}),
          &seconds.Add({{"method", by_method}, {"route", by_route}}, kSeconds)};
}

Metrics::Metrics() : families_(std::make_unique<Families>()) {}
Metrics::~Metrics() = default;

void Metrics::request_finished(std::string_view method, std::string_view route, int status,
                               double seconds) {
  // Each thread keeps the cells it met, so that no lock stands in the way of an answer.
  thread_local std::map<RouteKey, RouteCell, ByKey> cells;
  thread_local std::uint64_t cells_of = 0;
  if (cells_of != families_->serial) {
    cells.clear();
    cells_of = families_->serial;
  }
  const RouteKeyView key(status, route, method);
  auto found = cells.find(key);
  if (found == cells.end()) {
    const RouteCell cell = families_->route_cell(method, route, status);
    found = cells.emplace(RouteKey(status, route, method), cell).first;
  }
  found->second.count->Increment();
  found->second.seconds->Observe(seconds);
}

void Metrics::batch_finished(std::size_t wishes, double seconds) {
  families_->batch_wishes.Observe(static_cast<double>(wishes));
  families_->batch_seconds.Observe(seconds);
}

void Metrics::batch_poisoned() { families_->poisoned.Increment(); }

void Metrics::fault(std::string_view kind) {
  const std::lock_guard lock(families_->mutex);
  auto found = families_->faults_by_kind.find(kind);
  if (found == families_->faults_by_kind.end()) {
    auto& counter = families_->faults.Add({{"kind", std::string(kind)}});
    found = families_->faults_by_kind.emplace(kind, &counter).first;
  }
  found->second->Increment();
}

prometheus::Counter& Metrics::Families::counter_of(std::string_view counter, std::string_view label,
                                                   std::string_view value) {
  const std::string cell = std::string(counter) + '\0' + std::string(value);
  auto found = counters.find(cell);
  if (found == counters.end()) {
    auto& made = prometheus::BuildCounter()
                     .Name(std::string(counter))
                     .Help(help_of(kLabelledCounters, counter))
                     .Register(registry);
    auto& added = made.Add({{std::string(label), std::string(value)}});
    found = counters.emplace(cell, &added).first;
  }
  return *found->second;
}

void Metrics::declare(std::string_view counter, std::string_view label, std::string_view value) {
  const std::lock_guard lock(families_->mutex);
  families_->counter_of(counter, label, value);
}

void Metrics::count(std::string_view counter, double by) {
  const std::lock_guard lock(families_->mutex);
  const auto found = families_->counters.find(counter);
  if (found == families_->counters.end()) throw no_such_metric(counter);
  found->second->Increment(by);
}

void Metrics::count(std::string_view counter, std::string_view label, std::string_view value,
                    double by) {
  const std::lock_guard lock(families_->mutex);
  families_->counter_of(counter, label, value).Increment(by);
}

void Metrics::set(std::string_view gauge, double value) {
  const std::lock_guard lock(families_->mutex);
  auto found = families_->gauges.find(gauge);
  if (found == families_->gauges.end()) {
    const std::string name(gauge);
    auto& made = prometheus::BuildGauge()
                     .Name(name)
                     .Help(help_of(kGauges, gauge))
                     .Register(families_->registry);
    found = families_->gauges.emplace(name, &made.Add({})).first;
  }
  found->second->Set(value);
}

std::string Metrics::render() const {
  return prometheus::TextSerializer().Serialize(families_->registry.Collect());
}

}  // namespace evently::observability
