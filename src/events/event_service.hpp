#pragma once

#include "base/result.hpp"
#include "events/event_refusal.hpp"
#include "events/event_repository.hpp"
#include "events/event_snapshot.hpp"

namespace evently::events {

/// Who changes events: the database judges the context, not this struct.
struct Editor {
  Uuid user_id;
  std::string context;
  postgres::Deadline deadline;
};

/// Use cases of the events slice. `shown` reads what everybody may see, `edited` acts as an
/// administrator under live permissions. Belongs to one thread; the snapshot is the node's.
class EventService {
 public:
  EventService(EventRepository& shown, EventRepository& edited, EventSnapshot& snapshot)
      : shown_(shown), edited_(edited), snapshot_(snapshot) {}

  Task<std::vector<Event>> list(EventQuery query, postgres::Deadline deadline);
  Task<std::optional<Event>> find(Uuid id, postgres::Deadline deadline);
  Task<std::vector<Event>> list_for(Editor editor, EventQuery query);
  Task<std::optional<Event>> find_for(Editor editor, Uuid id);

  /// `body` is the request's: with a key, the same one again gives the first answer again.
  Task<Result<idempotency::Made, EventRefusal>> create(Editor editor, Event event, std::string key,
                                                       std::string body);
  /// `event.version` is the version the caller saw.
  Task<Result<Event, EventRefusal>> update(Editor editor, Event event);
  /// The cancelled event when it had bookings, nullopt when it is gone.
  Task<Result<std::optional<Event>, EventRefusal>> remove(Editor editor, Uuid id);

 private:
  /// Whoever changed an event sees the change in the next list. Only a hint to the snapshot: when
  /// it fails, the change stands and shows a second later.
  Task<void> show_change(postgres::Deadline deadline);

  EventRepository& shown_;
  EventRepository& edited_;
  EventSnapshot& snapshot_;
};

}  // namespace evently::events
