#pragma once

#include <vector>

#include "events/event_service.hpp"
#include "events/finished_pages.hpp"
#include "platform/http/route.hpp"
#include "platform/json/cursor.hpp"

namespace evently::events {

/// The paths of api.md under /events. One object a worker: its finished pages are not shared.
class EventRoutes {
 public:
  EventRoutes(EventService& events, const EventSnapshot& snapshot, const json::CursorCodec& cursors)
      : events_(events), snapshot_(snapshot), cursors_(cursors) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> list(http::Request request);
  Task<http::Response> show(http::Request request);
  Task<http::Response> create(http::Request request);
  Task<http::Response> update(http::Request request);
  Task<http::Response> remove(http::Request request);

  struct Listed;
  Listed list_from(const EventPages& pages, const EventQuery& query) const;
  Task<std::shared_ptr<FinishedPage>> list_from_database(http::Request request, EventQuery query);
  std::shared_ptr<FinishedPage> page_of(const http::Request& request, const EventQuery& query,
                                        Listed listed) const;

  EventService& events_;
  const EventSnapshot& snapshot_;
  const json::CursorCodec& cursors_;
  FinishedPages finished_;
  QueryFlights flights_;
};

}  // namespace evently::events
