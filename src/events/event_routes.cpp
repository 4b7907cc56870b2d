#include "events/event_routes.hpp"

#include "events/event_json.hpp"
#include "events/event_list_request.hpp"
#include "events/event_tag.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/idempotency_key.hpp"
#include "platform/http/problem.hpp"

namespace evently::events {
namespace {

using http::Method;
using http::Request;
using http::Response;

/// How long the last good copy is shown while the database is away (designs.md §2.9).
constexpr std::chrono::minutes kMaxAge{10};

Editor editor_of(const Request& request) {
  return {request.principal->user_id, request.principal->context, request.deadline};
}

bool is_editor(const Request& request) {
  return request.principal && request.principal->role == "admin";
}

std::optional<Uuid> id_of(const Request& request) {
  return parse_uuid(request.path_parameter("event_id"));
}

Response event_answer(int status, const Event& event) {
  Response response = http::json(status, to_json(event));
  response.headers.emplace_back("ETag", event_etag(event, response.body));
  return response;
}

http::Problem precondition_required() {
  return {428, "precondition_required", "Send If-Match with the version you changed", {}, {}, {}};
}

/// Only the default order without filters is the snapshot's own.
bool is_front_list(const EventQuery& query) {
  return query.words.empty() && !query.from && !query.to && !query.city && !query.topic &&
         !query.available_only && query.sort == EventSort::ByDate;
}

/// Where the page begins: behind this event, which may be gone by now.
Event position_of(const EventQuery& query) {
  Event position;
  position.event_date = parse_rfc3339(query.after_key).value();
  position.id = parse_uuid(query.after_id).value();
  return position;
}

std::chrono::seconds whole_seconds(std::chrono::steady_clock::duration age) {
  return std::chrono::duration_cast<std::chrono::seconds>(age);
}

}  // namespace

/// What was found: one more than the page holds when there is a next page.
struct EventRoutes::Listed {
  std::vector<const Event*> events;
  std::vector<std::string_view> json;
};

std::vector<http::Route> EventRoutes::table() {
  const std::string one = "/api/v1/events/{event_id}";
  return {
      {Method::Get, "/api/v1/events", http::anyone_or_signed_in(), "read",
       [this](Request r) { return list(std::move(r)); }},
      {Method::Get, one, http::anyone_or_signed_in(), "read",
       [this](Request r) { return show(std::move(r)); }},
      {Method::Post, "/api/v1/events", http::needs("event:create"), "",
       [this](Request r) { return create(std::move(r)); }},
      {Method::Patch, one, http::needs("event:update"), "",
       [this](Request r) { return update(std::move(r)); }},
      {Method::Delete, one, http::needs("event:delete"), "",
       [this](Request r) { return remove(std::move(r)); }},
  };
}

EventRoutes::Listed EventRoutes::list_from(const EventPages& pages, const EventQuery& query) const {
  const std::size_t wanted = static_cast<std::size_t>(query.limit) + 1;
  const bool first = query.after_id.empty();
  const Event position = first ? Event{} : position_of(query);
  Listed listed;
  for (const OpenEvent* open : pages.after(first ? nullptr : &position, wanted)) {
    listed.events.push_back(&open->event);
    listed.json.push_back(open->json);
  }
  return listed;
}

std::shared_ptr<FinishedPage> EventRoutes::page_of(const Request& request, const EventQuery& query,
                                                   Listed listed) const {
  const auto limit = static_cast<std::size_t>(query.limit);
  std::string cursor;
  std::string link;
  if (listed.events.size() > limit) {
    listed.json.resize(limit);
    cursor = next_cursor(request, cursors_, query, *listed.events[limit - 1]);
    link = "<" + http::target_with_cursor(request, cursor) + ">; rel=\"next\"";
  }
  std::string body = list_json(listed.json, cursor);
  std::string etag = list_etag(body);
  return std::make_shared<FinishedPage>(std::move(body), std::move(etag), std::move(link));
}

/// Lists events: the front list from memory, other queries once a second each.
Task<Response> EventRoutes::list(Request request) {
  const bool edits = is_editor(request);
  const auto age = snapshot_.age();
  const bool usable = !edits && age < kMaxAge;
  if (usable) {
    const auto kept = finished_.find(request.target, snapshot_.generation());
    if (kept) co_return kept->serve(request, whole_seconds(age));
  }
  EventQuery query = parse_event_query(request, cursors_, edits);
  if (usable && is_front_list(query)) {
    const auto pages = snapshot_.pages();
    Listed listed = list_from(*pages, query);
    if (pages->complete || listed.events.size() > static_cast<std::size_t>(query.limit)) {
      const auto page = page_of(request, query, std::move(listed));
      finished_.keep(request.target, pages->generation, page, false);
      co_return page->serve(request, whole_seconds(age));
    }
  }
  const auto page = co_await list_from_database(request, std::move(query));
  co_return page->serve(request, std::chrono::seconds(0));
}

Task<std::shared_ptr<FinishedPage>> EventRoutes::list_from_database(Request request,
                                                                    EventQuery query) {
  const bool edits = is_editor(request);
  const std::uint64_t generation = snapshot_.generation();
  if (!edits) {
    const bool waited = co_await flights_.wait(request.target, request.deadline);
    auto kept = waited ? finished_.find(request.target, snapshot_.generation()) : nullptr;
    if (kept) co_return kept;
  }
  std::optional<QueryFlights::Turn> turn;
  if (!edits) turn.emplace(flights_, request.target);

  EventQuery wanted = query;
  wanted.limit += 1;  // one more tells whether there is a next page
  std::vector<Event> events;
  if (edits) {
    events = co_await events_.list_for(editor_of(request), std::move(wanted));
  } else {
    events = co_await events_.list(std::move(wanted), request.deadline);
  }
  std::vector<std::string> texts;
  texts.reserve(events.size());
  for (const Event& event : events) texts.push_back(to_json(event));
  Listed listed;
  for (const Event& event : events) listed.events.push_back(&event);
  listed.json.assign(texts.begin(), texts.end());
  auto page = page_of(request, query, std::move(listed));
  if (!edits) finished_.keep(request.target, generation, page, true);
  co_return page;
}

/// Shows one event: an open one from memory, to administrators always as it is in the database.
Task<Response> EventRoutes::show(Request request) {
  const auto id = id_of(request);
  if (!id) co_return http::render(http::not_found());
  if (is_editor(request)) {
    const auto event = co_await events_.find_for(editor_of(request), *id);
    if (!event) co_return http::render(http::not_found());
    co_return event_answer(200, *event);
  }
  const auto age = snapshot_.age();
  const std::uint64_t generation = snapshot_.generation();
  if (age < kMaxAge) {
    const auto kept = finished_.find(request.path, generation);
    if (kept) co_return kept->serve(request, whole_seconds(age));
    const auto pages = snapshot_.pages();
    const auto open = pages->by_id.find(*id);
    if (open != pages->by_id.end()) {
      const std::string& json = open->second->json;
      const auto page =
          std::make_shared<FinishedPage>(json, event_etag(open->second->event, json), "");
      finished_.keep(request.path, pages->generation, page, false);
      co_return page->serve(request, whole_seconds(age));
    }
  }
  const auto event = co_await events_.find(*id, request.deadline);
  if (!event) co_return http::render(http::not_found());
  std::string json = to_json(*event);
  std::string etag = event_etag(*event, json);
  const auto page = std::make_shared<FinishedPage>(std::move(json), std::move(etag), "");
  finished_.keep(request.path, generation, page, true);
  co_return page->serve(request, std::chrono::seconds(0));
}

/// Creates an event. 201 with Location and ETag | 400 | 422 for a used Idempotency-Key.
Task<Response> EventRoutes::create(Request request) {
  const std::string key = http::idempotency_key(request);
  const Event event = parse_new_event(request);
  const auto made = co_await events_.create(editor_of(request), event, key, request.body);
  if (!made) co_return http::render(to_problem(made.error()));
  Response response = http::created("/api/v1/events/" + to_string(made->id), made->body);
  Event first;  // an event begins with version 1, whatever it became since
  response.headers.emplace_back("ETag", event_etag(first, made->body));
  if (made->replayed) http::mark_replayed(response);
  co_return response;
}

/// Changes what the body names, if the event still is as If-Match says. 200 | 400 | 404 | 409
/// capacity_below_booked | 412 | 428.
Task<Response> EventRoutes::update(Request request) {
  const auto id = id_of(request);
  if (!id) co_return http::render(http::not_found());
  const auto tag = request.header("if-match");
  if (!tag) co_return http::render(precondition_required());
  const auto now = co_await events_.find_for(editor_of(request), *id);
  if (!now) co_return http::render(http::not_found());
  const auto seen = *tag == "*" ? std::optional(now->version) : version_in(*tag);
  if (seen != now->version) {
    co_return http::render(to_problem({EventRefusal::Kind::VersionMismatch, now->version}));
  }
  const Event wanted = parse_event_patch(request, *now);
  const auto changed = co_await events_.update(editor_of(request), wanted);
  if (!changed) co_return http::render(to_problem(changed.error()));
  co_return event_answer(200, *changed);
}

/// 204 when it is gone; 200 with the cancelled event when people had booked.
Task<Response> EventRoutes::remove(Request request) {
  const auto id = id_of(request);
  if (!id) co_return http::render(http::not_found());
  const auto removed = co_await events_.remove(editor_of(request), *id);
  if (!removed) co_return http::render(to_problem(removed.error()));
  if (!removed->has_value()) co_return http::no_content();
  co_return event_answer(200, **removed);
}

}  // namespace evently::events
