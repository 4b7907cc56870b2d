#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/task.hpp"
#include "events/event.hpp"
#include "idempotency/kept_answers.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::events {

/// id, version and free seats of an open event: enough to see whether a page is still true.
struct EventPulse {
  Uuid id;
  std::int32_t version;
  std::int32_t available;
};

/// Every statement of the events slice. Which rows there are is the pool's role's business:
/// application_public sees no drafts, application_admin what its live permissions allow.
class EventRepository {
 public:
  explicit EventRepository(postgres::Pool& pool) : pool_(pool), created_(pool, "events.create") {}

  Task<std::vector<Event>> list(postgres::TransactionOptions options, EventQuery query);
  Task<std::optional<Event>> find(postgres::TransactionOptions options, Uuid id);
  /// Open events by date, at most `limit`.
  Task<std::vector<EventPulse>> list_pulses(postgres::TransactionOptions options,
                                            std::int64_t limit);
  Task<std::vector<Event>> list_by_ids(postgres::TransactionOptions options, std::vector<Uuid> ids);

  /// Event and seats, once a key. nullopt: the key came with another body before.
  Task<std::optional<idempotency::Made>> insert(idempotency::KeptAnswers::Wish wish, Event event,
                                                std::string answer);
  /// False when the version is not `event.version` any more. 23514 when fewer seats than booked.
  Task<bool> update(postgres::TransactionOptions options, Event event);
  /// "deleted", "cancelled" or "not_found".
  Task<std::string> remove(postgres::TransactionOptions options, Uuid id);

 private:
  postgres::Pool& pool_;
  idempotency::KeptAnswers created_;
};

}  // namespace evently::events
