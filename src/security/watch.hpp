#pragma once

#include <boost/asio/io_context.hpp>
#include <optional>
#include <set>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "platform/http/trusted_proxies.hpp"
#include "platform/observability/metrics.hpp"
#include "platform/postgres/pool.hpp"
#include "security/announcer.hpp"
#include "security/block_list.hpp"
#include "security/detection/event_queue.hpp"
#include "security/detection/event_tally.hpp"
#include "security/detection/incidents.hpp"

namespace evently::security {

struct WatchOptions {
  /// What BRUTE_FORCE_DETECTED blocks; nothing: it only raises the alert.
  std::optional<BlockScope> automatic_blocks = BlockScope::Auth;
  http::TrustedProxies proxies;  ///< never blocked: everybody comes through them
  DecoyLoginDigests decoy_login{};
};

/// The one that looks at what everybody observed: drains the queue four times a second, runs the
/// detector, raises alerts, blocks networks, writes totals and events, and reads the blocks that
/// other nodes made. One a process, on a loop and with a connection of its own
/// (app/background.hpp).
class Watch {
 public:
  /// From tick to tick. A block of another node counts after a tick and two round trips: within a
  /// second.
  static constexpr std::chrono::milliseconds kEvery{250};

  Watch(boost::asio::io_context& io, postgres::PoolOptions pool, const WatchOptions& options,
        EventQueue& queue, BlockList& blocks, observability::Metrics& metrics, const Clock& clock);
  /// Where alerts go beside the log. Before the first tick; `outlet` outlives this.
  void add(AlertOutlet& outlet) { announcer_.add(outlet); }
  /// One round; throws when the database is away. What could not be written waits.
  Task<void> tick();

 private:
  struct Unwritten;
  void look_at_events();
  void act_on(const Finding& finding, TimePoint now);
  void block(const Finding& finding, TimePoint now);
  void tell_opened(const std::vector<Incident>& written, const postgres::Rows& rows);
  void show_metrics();
  Task<void> write();
  std::vector<std::string> to_ask_about(const std::vector<TallyRow>& rows) const;
  void act_on_sums(const postgres::Rows& failing);
  Task<void> read_blocks();
  void observe_scans(std::int64_t scans);
  Task<void> drop_old_rows();

  postgres::Pool pool_;
  const WatchOptions& options_;
  EventQueue& queue_;
  BlockList& blocks_;
  observability::Metrics& metrics_;
  const Clock& clock_;

  Detector detector_;
  EventTally tally_;
  Incidents incidents_;
  std::vector<Block> new_blocks_;
  std::set<std::string> found_here_;  ///< networks that brute force was found of in this tick
  EventQueue::Counts written_{};      ///< totals the database has of this process
  EventQueue::Counts shown_{};        ///< totals the metrics have
  std::uint64_t dropped_shown_ = 0;
  std::int64_t generation_ = 0;
  TimePoint blocks_read_at_;
  TimePoint dropped_old_at_;
  Announcer announcer_;
};

}  // namespace evently::security
