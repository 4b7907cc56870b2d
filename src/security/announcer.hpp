#pragma once

#include <vector>

#include "platform/observability/metrics.hpp"
#include "security/alert_outlet.hpp"
#include "security/detection/incidents.hpp"

namespace evently::security {

/// Tells of alerts: every node writes its own to the log, without the database; the outlets get
/// each once over all nodes. Either has room for kAMinute a minute, so that an attack from many
/// networks fills nobody's mailbox; touched decoys, of which there are few, always go. Not
/// thread-safe.
class Announcer {
 public:
  static constexpr std::int64_t kAMinute = 60;

  explicit Announcer(observability::Metrics& metrics);
  void add(AlertOutlet& outlet) { outlets_.push_back(&outlet); }

  void log(const Incident& incident, bool is_open, TimePoint now);
  void tell(AlertNote note, TimePoint now);
  void tell_opened(const Incident& incident, TimePoint now);
  void tick(TimePoint now);

 private:
  class Budget {
   public:
    /// False when there is no room: counted.
    bool take(bool always, TimePoint now);
    std::int64_t take_left_out();

   private:
    TimePoint since_;
    std::int64_t used_ = 0;
    std::int64_t left_out_ = 0;
  };

  observability::Metrics& metrics_;
  std::vector<AlertOutlet*> outlets_;
  Budget lines_;
  Budget notes_;
};

}  // namespace evently::security
