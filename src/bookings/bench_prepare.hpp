#pragma once

#include <cstdint>
#include <functional>
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
  /// Made beforehand on the first event, which gets as many seats more; ten a person, by people who
  /// get no token.
  std::int64_t bookings = 0;
};

/// Told after every batch: "people", "bookings"; how many of how many.
using BenchProgress = std::function<void(const char* what, std::int64_t done, std::int64_t of)>;

/// Fills a database made for load tests: people with sessions that live 24 h, events on sale;
/// writes a line `USER_ID TOKEN` each. On a database prepared before it adds more. What it makes
/// stands up to `evently verify` after each batch. Returns why not, for people: a database that
/// holds anybody else is refused.
std::optional<std::string> prepare_bench(postgres::SyncConnection& connection,
                                         const crypto::TokenKeys& tokens, const BenchPlan& plan,
                                         std::ostream& token_lines,
                                         const BenchProgress& progress = {});

}  // namespace evently::bookings
