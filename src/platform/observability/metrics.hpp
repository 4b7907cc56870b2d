#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace evently::observability {

/// The program's metrics, in Prometheus' names and units. Thread-safe.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  /// `route` is the pattern of the table, never the path a person typed: few label values.
  void request_finished(std::string_view method, std::string_view route, int status,
                        double seconds);
  void batch_finished(std::size_t wishes, double seconds);
  void batch_poisoned();
  /// `kind` is a room or a class of faults, never a message: few label values.
  void fault(std::string_view kind);
  /// Shows a counter's label values at 0 before the first: of a series that is born at 1 Prometheus
  /// sees no increase. Counters without labels are shown from the start.
  void declare(std::string_view counter, std::string_view label, std::string_view value);
  /// Adds to a counter without labels: evently_room_thing_total. Counters and gauges are those of
  /// metric_names.hpp; std::logic_error for another.
  void count(std::string_view counter, double by = 1);
  /// The same with one label, of few values.
  void count(std::string_view counter, std::string_view label, std::string_view value,
             double by = 1);
  void set(std::string_view gauge, double value);

  /// Prometheus text format 0.0.4.
  std::string render() const;

 private:
  struct Families;
  std::unique_ptr<Families> families_;
};

}  // namespace evently::observability
