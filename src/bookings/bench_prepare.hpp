#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "platform/crypto/jwt.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::bookings {

struct BenchPlan {
  std::int64_t users = 1'000;
  std::int64_t events = 1;
  std::int32_t seats = 100'000;
  std::int64_t bookings = 0;  ///< made beforehand on the first event, which gets as many seats more
};

/// Fills a database made for load tests: people with live sessions, events on sale; writes a line
/// `USER_ID TOKEN` each. Returns why not, for people: a database that holds anybody else is refused.
std::optional<std::string> prepare_bench(postgres::SyncConnection& connection, const crypto::TokenKeys& tokens,
                                         const BenchPlan& plan, std::ostream& token_lines);

}  // namespace evently::bookings
