#pragma once

#include <functional>
#include <string>
#include <vector>

#include "platform/observability/security_event.hpp"
#include "security/detection/recent_marks.hpp"
#include "security/detection/rules.hpp"

namespace evently::security {

/// A threshold was reached, once more.
struct Finding {
  AlertKind kind;
  std::string key;  ///< a network, or a digest that names nobody
  std::int64_t count = 1;
  std::string network{};  ///< that did it last; empty when there is none
};

/// The decoy's sign-in, in the digests of SecurityEvent: either alone gives it away.
struct DecoyLoginDigests {
  std::string account;
  std::string secret;
};

/// Turns the stream of observations into findings: O(1) an event in about 10 MB that never grow.
/// Not thread-safe: one thread drains the sink into it.
class Detector {
 public:
  explicit Detector(DecoyLoginDigests decoy = {});

  std::vector<Finding> take(const observability::SecurityEvent& event, TimePoint now);
  /// Failed sign-ins of a network count anew.
  void forget_failures(const std::string& network) { failures_.forget(hash_(network)); }

 private:
  std::vector<Finding> findings_of(const observability::SecurityEvent& event,
                                   const std::string& network, TimePoint now);
  void sign_in_failed(const observability::SecurityEvent& event, const std::string& network,
                      TimePoint now, std::vector<Finding>& out);
  void mark(AlertKind kind, RecentMarks& table, const std::string& key, std::uint64_t mark,
            TimePoint now, std::vector<Finding>& out);

  bool is_decoy_login(const observability::SecurityEvent& event) const;

  const DecoyLoginDigests decoy_;
  std::hash<std::string> hash_;
  std::uint64_t serial_ = 0;
  RecentMarks failures_;
  RecentMarks accounts_by_secret_;
  RecentMarks networks_by_account_;
  RecentMarks networks_of_session_;
  RecentMarks missing_ids_;
};

}  // namespace evently::security
