#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/uuid.hpp"

namespace evently::security {

/// That an alert opened or closed, for people and programs elsewhere.
struct AlertNote {
  Uuid id;  ///< of this note: a receiver that gets it twice can tell
  std::string kind;
  std::string key;  ///< a network, a digest that names nobody, or a decoy
  bool is_open = true;
  std::int64_t count = 0;  ///< findings so far
  TimePoint opened_at;
  TimePoint last_at;
  std::optional<std::string> last_network;  ///< that did it; none for a scan of the decoy's table
  std::int64_t left_out = 0;                ///< notes there was no room for since the last one
};

/// A way by which alerts leave the program. Called by the watch's thread only; must neither wait
/// nor throw for a receiver's sake.
class AlertOutlet {
 public:
  virtual ~AlertOutlet() = default;
  virtual void tell(const AlertNote& note, TimePoint now) = 0;
  /// Called at every tick: what was gathered may go.
  virtual void tick(TimePoint now) = 0;
};

/// {"event":"security.alert","id":…,"kind":…,"state":"open"|"closed",…}; docs/detection.md
std::string to_json(const AlertNote& note);
/// One line for people.
std::string to_line(const AlertNote& note);

}  // namespace evently::security
