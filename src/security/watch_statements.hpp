#pragma once

#include <vector>

#include "platform/postgres/pool.hpp"
#include "security/alert_outlet.hpp"
#include "security/block_list.hpp"
#include "security/detection/event_queue.hpp"
#include "security/detection/event_tally.hpp"
#include "security/detection/incidents.hpp"

namespace evently::security {

// What the watch says to the database as application_worker. Each adds to what is there, so that
// nodes that write at the same time lose nothing.
postgres::Call add_totals(const EventQueue::Counts& more);
postgres::Call add_events(const std::vector<TallyRow>& rows);
/// Answers the ids of the open rows: one of `incidents` when that opened it.
postgres::Call add_findings(const std::vector<Incident>& incidents);
postgres::Call add_block(const Block& block);
/// Answers those of `networks` whose failed sign-ins reach the threshold over all nodes.
postgres::Call find_failing(const std::vector<std::string>& networks);
/// Answers what it closed: over all nodes, each is closed once.
postgres::Call close_quiet_alerts();
AlertNote decode_closed(const postgres::Row& row);
postgres::Call read_generation();
/// How often the decoy's table was read since a node asked last.
postgres::Call take_decoy_scans();
postgres::Call read_live_blocks();
/// Rows older than 30 days.
std::vector<postgres::Call> drop_old();

}  // namespace evently::security
