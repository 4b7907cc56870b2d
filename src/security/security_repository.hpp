#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "idempotency/kept_answers.hpp"
#include "platform/postgres/pool.hpp"
#include "security/block_list.hpp"
#include "security/detection/event_tally.hpp"
#include "security/detection/incidents.hpp"

namespace evently::security {

struct AlertRow {
  Uuid id;
  std::string kind;
  std::string key;
  std::optional<std::string> last_network;
  std::int64_t count;
  TimePoint opened_at;
  TimePoint last_at;
  std::optional<TimePoint> closed_at;
};

struct EventPlace {
  TimePoint minute;
  std::string type;
  std::string key;
};

/// What administrators see and do; the pool is application_admin's.
class SecurityRepository {
 public:
  explicit SecurityRepository(postgres::Pool& pool)
      : pool_(pool), blocked_(pool, "security.block") {}

  Task<std::vector<std::pair<std::string, std::int64_t>>> totals(postgres::TransactionOptions how);
  /// Newest minute first.
  Task<std::vector<TallyRow>> events(postgres::TransactionOptions how,
                                     std::optional<std::string> type,
                                     std::optional<EventPlace> before, std::int64_t limit);
  Task<std::vector<AlertRow>> alerts(postgres::TransactionOptions how, std::optional<bool> open,
                                     std::optional<Uuid> before, std::int64_t limit);
  /// Those that are in force, newest first.
  Task<std::vector<Block>> blocks(postgres::TransactionOptions how, std::optional<Uuid> before,
                                  std::int64_t limit);
  /// Once a key; `answer` is its first answer. nullopt: the key came with another body before.
  Task<std::optional<idempotency::Made>> add_block(idempotency::KeptAnswers::Wish wish, Block block,
                                                   std::string answer);
  /// False when there is no such block in force.
  Task<bool> lift_block(postgres::TransactionOptions how, Uuid id);

 private:
  postgres::Pool& pool_;
  idempotency::KeptAnswers blocked_;
};

Block decode_block(const postgres::Row& row);

}  // namespace evently::security
