#include "events/event_service.hpp"

#include <algorithm>

#include "events/event_json.hpp"
#include "platform/observability/log.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::events {
namespace {

/// A change is durable before it is shown; showing it must not hold up its answer for longer.
constexpr std::chrono::seconds kMaxWaitToShow{1};
constexpr char kOversold[] = "event_inventory_is_never_oversold";

postgres::TransactionOptions reading(const Editor& editor) {
  return {editor.context, true, editor.deadline};
}
postgres::TransactionOptions writing(const Editor& editor) {
  return {editor.context, false, editor.deadline};
}

}  // namespace

Task<std::vector<Event>> EventService::list(EventQuery query, postgres::Deadline deadline) {
  postgres::TransactionOptions options{"", true, deadline};
  auto events = co_await shown_.list(std::move(options), std::move(query));
  co_return events;
}

Task<std::optional<Event>> EventService::find(Uuid id, postgres::Deadline deadline) {
  postgres::TransactionOptions options{"", true, deadline};
  auto event = co_await shown_.find(std::move(options), id);
  co_return event;
}

Task<std::vector<Event>> EventService::list_for(Editor editor, EventQuery query) {
  auto events = co_await edited_.list(reading(editor), std::move(query));
  co_return events;
}

Task<std::optional<Event>> EventService::find_for(Editor editor, Uuid id) {
  auto event = co_await edited_.find(reading(editor), id);
  co_return event;
}

Task<void> EventService::show_change(postgres::Deadline deadline) {
  deadline = std::min(deadline, postgres::Deadline::clock::now() + kMaxWaitToShow);
  try {
    co_await snapshot_.refresh(shown_, deadline);
  } catch (const std::exception& fault) {
    observability::log(observability::Level::Warning, "events.refresh_failed",
                       {{"why", std::string_view(fault.what())}});
  }
}

Task<Result<idempotency::Made, EventRefusal>> EventService::create(Editor editor, Event event,
                                                                   std::string key,
                                                                   std::string body) {
  event.id = make_uuid_v7();
  event.created_at = event.updated_at =
      std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  Event shown = event;
  const bool is_over = event.ends_at.value_or(event.event_date) < event.created_at;
  if (event.status == "active" && is_over) shown.status = "completed";
  idempotency::KeptAnswers::Wish wish{editor.user_id, editor.context, editor.deadline,
                                      std::move(key), std::move(body)};
  auto made = co_await edited_.insert(std::move(wish), event, to_json(shown));
  if (!made) co_return EventRefusal{EventRefusal::Kind::IdempotencyMismatch};
  if (!made->replayed) co_await show_change(editor.deadline);
  co_return std::move(*made);
}

Task<Result<Event, EventRefusal>> EventService::update(Editor editor, Event event) {
  bool changed = false;
  std::optional<EventRefusal> refusal;
  try {
    changed = co_await edited_.update(writing(editor), event);
  } catch (const postgres::QueryError& error) {
    if (error.constraint != kOversold) throw;
    refusal = EventRefusal{EventRefusal::Kind::CapacityBelowBooked};
  }
  const auto now = co_await edited_.find(reading(editor), event.id);
  if (!now) co_return EventRefusal{EventRefusal::Kind::NotFound};
  if (refusal) co_return EventRefusal{refusal->kind, now->capacity - now->available};
  if (!changed) co_return EventRefusal{EventRefusal::Kind::VersionMismatch, now->version};
  co_await show_change(editor.deadline);
  co_return *now;
}

Task<Result<std::optional<Event>, EventRefusal>> EventService::remove(Editor editor, Uuid id) {
  const std::string outcome = co_await edited_.remove(writing(editor), id);
  if (outcome == "not_found") co_return EventRefusal{EventRefusal::Kind::NotFound};
  co_await show_change(editor.deadline);
  std::optional<Event> left;
  if (outcome == "cancelled") {
    auto found = co_await edited_.find(reading(editor), id);
    left = std::move(found);
  }
  co_return left;
}

}  // namespace evently::events
