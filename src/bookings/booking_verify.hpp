#pragma once

#include <string>
#include <vector>

#include "platform/postgres/sync_connection.hpp"

namespace evently::bookings {

/// One thing `evently verify` proves from the rows.
struct Check {
  std::string name;  ///< for people: "every event: capacity - live seats = available"
  std::int64_t faults = 0;
  std::string first;  ///< the first fault; empty when there is none
};

/// Recomputes the books: seats, limits, references, audit rows. Reads as application_operator, in
/// one snapshot, beside running traffic.
std::vector<Check> verify_books(postgres::SyncConnection& connection);

}  // namespace evently::bookings
