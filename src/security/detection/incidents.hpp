#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/uuid.hpp"
#include "security/detection/detector.hpp"

namespace evently::security {

/// An alert: opens at the first finding, closes when there was none for kQuiet.
struct Incident {
  Uuid id;
  AlertKind kind;
  std::string key;
  TimePoint opened_at;
  TimePoint last_at;
  std::int64_t count = 0;      ///< findings so far
  std::int64_t unwritten = 0;  ///< of them not yet in the database
  bool is_known = false;       ///< somebody was told of it, here or on another node
  bool is_told_early = false;  ///< from here, without asking the database who else has it
  std::string last_network{};  ///< of its newest finding that had one
};

/// Ten thousand findings about one key are one incident: one open and one close. At most kMostOpen
/// at once, and touched decoys, of which there are few; further ones are counted only. Not
/// thread-safe.
class Incidents {
 public:
  static constexpr std::size_t kMostOpen = 1024;

  /// The incident when this finding opens it.
  const Incident* add(const Finding& finding, TimePoint now);
  /// Takes those that have been quiet long enough out.
  std::vector<Incident> close_quiet(TimePoint now);
  /// Those with findings not yet written, each under a new id; they count as written from here on.
  std::vector<Incident> take_unwritten();
  void put_back(const std::vector<Incident>& incidents);
  /// They are written; `made` are the ids of the rows that stand for them. Returns those that this
  /// node opened over all nodes, and that nobody was told of.
  std::vector<Incident> confirm(const std::vector<Incident>& written, const std::set<Uuid>& made);
  /// Those that could not be written and that nobody was told of: who else knows cannot be asked.
  std::vector<Incident> take_untold();
  std::size_t open() const { return open_.size(); }
  std::uint64_t left_out() const { return left_out_; }

 private:
  using Key = std::pair<AlertKind, std::string>;
  std::map<Key, Incident> open_;
  std::vector<Key> untold_;
  std::uint64_t left_out_ = 0;
};

}  // namespace evently::security
