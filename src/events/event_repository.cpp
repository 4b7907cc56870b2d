#include "events/event_repository.hpp"

#include "base/unreachable.hpp"

namespace evently::events {
namespace {

using postgres::encode_array;
using postgres::parameters;
using postgres::Statement;

// The columns of core.event_pages that decode_event() reads, the filters of every list, and where
// each order goes on.
#define EVENT_COLUMNS                                                                       \
  "id, name, description, venue, city, country, online, topic, url, event_date, ends_at, "  \
  "time_zone, capacity, available, price, currency, status, sale_starts_at, sale_ends_at, " \
  "max_per_user, waitlist_policy, version, created_at, updated_at"
// Under row-level security only leakproof conditions reach an index, which rules out coalesce() and
// OR: bounds that nobody named come as infinities, the first page as the least position.
#define EVENT_FILTERS                                                                       \
  " WHERE search_text LIKE ALL (lower($1::text)::text[])"                                   \
  " AND event_date >= $2::timestamptz AND event_date < $3::timestamptz"                     \
  " AND ($4::text IS NULL OR lower(city) = lower($4)) AND ($5::text IS NULL OR topic = $5)" \
  " AND ($6::boolean IS FALSE OR available > 0)"
// The open events have an index of their own; is_open says what status = 'active' says.
#define OPEN_EVENTS                                              \
  "SELECT " EVENT_COLUMNS " FROM core.event_pages" EVENT_FILTERS \
  " AND is_open AND $7::text = 'active'"
#define ANY_EVENTS                                               \
  "SELECT " EVENT_COLUMNS " FROM core.event_pages" EVENT_FILTERS \
  " AND ($7::text = 'all' OR status = $7)"
#define BY_DATE \
  " AND (event_date, id) > ($8::timestamptz, $9::uuid) ORDER BY event_date, id LIMIT $10"
#define BY_DATE_DESCENDING                                                                       \
  " AND (event_date, id) < ($8::timestamptz, $9::uuid) ORDER BY event_date DESC, id DESC LIMIT " \
  "$10"
#define BY_NAME " AND (name, id) > ($8::text, $9::uuid) ORDER BY name, id LIMIT $10"

constexpr Statement kListOpenByDate{"events.list_open_by_date", OPEN_EVENTS BY_DATE};
constexpr Statement kListOpenByDateDescending{"events.list_open_by_date_descending",
                                              OPEN_EVENTS BY_DATE_DESCENDING};
constexpr Statement kListOpenByName{"events.list_open_by_name", OPEN_EVENTS BY_NAME};
constexpr Statement kListByDate{"events.list_by_date", ANY_EVENTS BY_DATE};
constexpr Statement kListByDateDescending{"events.list_by_date_descending",
                                          ANY_EVENTS BY_DATE_DESCENDING};
constexpr Statement kListByName{"events.list_by_name", ANY_EVENTS BY_NAME};
constexpr Statement kFind{"events.find",
                          "SELECT " EVENT_COLUMNS " FROM core.event_pages WHERE id = $1"};
constexpr Statement kListByIds{"events.list_by_ids",
                               "SELECT " EVENT_COLUMNS
                               " FROM core.event_pages WHERE id = ANY ($1::uuid[])"};
constexpr Statement kListPulses{"events.list_pulses",
                                "SELECT id, version, available FROM core.event_pages WHERE is_open"
                                " ORDER BY event_date, id LIMIT $1"};
#undef EVENT_COLUMNS
#undef EVENT_FILTERS
#undef OPEN_EVENTS
#undef ANY_EVENTS
#undef BY_DATE
#undef BY_DATE_DESCENDING
#undef BY_NAME

constexpr Statement kInsert{"events.insert",
                            "INSERT INTO core.events (id, name, description, venue, city, country, "
                            "online, topic, url, event_date, ends_at, time_zone,"
                            " price, currency, status, sale_starts_at, sale_ends_at, max_per_user, "
                            "created_by, created_at, updated_at)"
                            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, "
                            "$15, $16, $17, $18, $19, $20, $20)"};
constexpr Statement kInsertSeats{
    "events.insert_seats",
    "INSERT INTO core.event_inventory (event_id, capacity, available) VALUES ($1, $2, $2)"};
// The seats are locked first, as bookings and deletion do, so that no two can wait for each other.
// A status equal to the shown one is no change: an active event that is over shows as completed.
constexpr Statement kUpdate{
    "events.update",
    "WITH held AS (SELECT FROM core.event_inventory WHERE event_id = $1 FOR UPDATE),"
    " changed AS (UPDATE core.events SET name = $3, description = $4, venue = $5, city = $6, "
    "country = $7, online = $8,"
    " topic = $9, url = $10, event_date = $11, ends_at = $12, time_zone = $13, price = $14, "
    "currency = $15,"
    " status = CASE WHEN core.shown_status(status, event_date, ends_at) = $16 THEN status ELSE $16 "
    "END,"
    " sale_starts_at = $17, sale_ends_at = $18, max_per_user = $19, version = version + 1, "
    "updated_at = now()"
    " WHERE id = $1 AND version = $2 AND EXISTS (SELECT FROM held) RETURNING id),"
    " seats AS (UPDATE core.event_inventory SET capacity = $20, available = available + $20 - "
    "capacity"
    " WHERE event_id IN (SELECT id FROM changed) RETURNING event_id)"
    " SELECT count(*) AS changed FROM changed, seats"};
constexpr Statement kRemove{"events.remove", "SELECT core.delete_event($1) AS outcome"};

Event decode_event(const postgres::Row& row) {
  Event event;
  event.id = row.get<Uuid>("id");
  event.name = row.get<std::string>("name");
  event.description = row.get<std::string>("description");
  event.venue = row.get<std::string>("venue");
  event.city = row.find<std::string>("city");
  event.country = row.find<std::string>("country");
  event.online = row.get<bool>("online");
  event.topic = row.find<std::string>("topic");
  event.url = row.find<std::string>("url");
  event.event_date = row.get<TimePoint>("event_date");
  event.ends_at = row.find<TimePoint>("ends_at");
  event.time_zone = row.get<std::string>("time_zone");
  event.capacity = row.get<std::int32_t>("capacity");
  event.available = row.get<std::int32_t>("available");
  event.price = row.get<Money>("price");
  event.currency = row.get<std::string>("currency");
  event.status = row.get<std::string>("status");
  event.sale_starts_at = row.find<TimePoint>("sale_starts_at");
  event.sale_ends_at = row.find<TimePoint>("sale_ends_at");
  event.max_per_user = row.get<std::int32_t>("max_per_user");
  event.waitlist_policy = row.get<std::string>("waitlist_policy");
  event.version = row.get<std::int32_t>("version");
  event.created_at = row.get<TimePoint>("created_at");
  event.updated_at = row.get<TimePoint>("updated_at");
  return event;
}

std::vector<Event> decode_events(const postgres::Rows& rows) {
  std::vector<Event> events;
  events.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) events.push_back(decode_event(rows[i]));
  return events;
}

constexpr char kEarliest[] = "-infinity";
constexpr char kLatest[] = "infinity";
constexpr char kLeastId[] = "00000000-0000-0000-0000-000000000000";
constexpr char kGreatestId[] = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// Behind which key and id a page begins.
struct Position {
  std::string key;
  std::string id;
};

Position position_of(const EventQuery& query) {
  if (!query.after_id.empty()) return {query.after_key, query.after_id};
  switch (query.sort) {
    case EventSort::ByDate:
      return {kEarliest, kLeastId};
    case EventSort::ByDateDescending:
      return {kLatest, kGreatestId};
    case EventSort::ByName:
      return {"", kLeastId};
  }
  unreachable("EventSort");
}

const Statement& list_statement(const EventQuery& query) {
  const bool open = query.status == "active";
  switch (query.sort) {
    case EventSort::ByDate:
      return open ? kListOpenByDate : kListByDate;
    case EventSort::ByDateDescending:
      return open ? kListOpenByDateDescending : kListByDateDescending;
    case EventSort::ByName:
      return open ? kListOpenByName : kListByName;
  }
  unreachable("EventSort");
}

}  // namespace

Task<std::vector<Event>> EventRepository::list(postgres::TransactionOptions options,
                                               EventQuery query) {
  std::vector<std::optional<std::string>> patterns;
  patterns.reserve(query.words.size());
  for (const std::string& word : query.words) patterns.emplace_back(like_pattern(word));
  const std::string from = query.from ? postgres::encode(*query.from) : kEarliest;
  const std::string to = query.to ? postgres::encode(*query.to) : kLatest;
  const Position after = position_of(query);
  auto values = parameters(encode_array(patterns), from, to, query.city, query.topic,
                           query.available_only, query.status, after.key, after.id, query.limit);
  const auto rows =
      co_await pool_.run(std::move(options), list_statement(query), std::move(values));
  co_return decode_events(rows);
}

Task<std::optional<Event>> EventRepository::find(postgres::TransactionOptions options, Uuid id) {
  auto values = parameters(id);
  const auto rows = co_await pool_.run(std::move(options), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return decode_event(rows[0]);
}

Task<std::vector<EventPulse>> EventRepository::list_pulses(postgres::TransactionOptions options,
                                                           std::int64_t limit) {
  auto values = parameters(limit);
  const auto rows = co_await pool_.run(std::move(options), kListPulses, std::move(values));
  std::vector<EventPulse> pulses;
  pulses.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) {
    const postgres::Row row = rows[i];
    pulses.push_back({row.get<Uuid>("id"), row.get<std::int32_t>("version"),
                      row.get<std::int32_t>("available")});
  }
  co_return pulses;
}

Task<std::vector<Event>> EventRepository::list_by_ids(postgres::TransactionOptions options,
                                                      std::vector<Uuid> ids) {
  std::vector<std::optional<std::string>> texts;
  texts.reserve(ids.size());
  for (const Uuid& id : ids) texts.emplace_back(to_string(id));
  auto values = parameters(encode_array(texts));
  const auto rows = co_await pool_.run(std::move(options), kListByIds, std::move(values));
  co_return decode_events(rows);
}

Task<std::optional<idempotency::Made>> EventRepository::insert(idempotency::KeptAnswers::Wish wish,
                                                               Event event, std::string answer) {
  const auto put = [&, by = wish.caller,
                    options = postgres::TransactionOptions{wish.context, false, wish.deadline}](
                       std::vector<postgres::Call> calls) {
    calls.push_back(
        {kInsert, parameters(event.id, event.name, event.description, event.venue, event.city,
                             event.country, event.online, event.topic, event.url, event.event_date,
                             event.ends_at, event.time_zone, event.price, event.currency,
                             event.status, event.sale_starts_at, event.sale_ends_at,
                             event.max_per_user, by, event.created_at)});
    calls.push_back({kInsertSeats, parameters(event.id, event.capacity)});
    return pool_.run_all(options, std::move(calls));
  };
  idempotency::Made wanted{event.id, std::move(answer)};
  auto made = co_await created_.once(std::move(wish), std::move(wanted), put);
  co_return made;
}

Task<bool> EventRepository::update(postgres::TransactionOptions options, Event event) {
  auto values =
      parameters(event.id, event.version, event.name, event.description, event.venue, event.city,
                 event.country, event.online, event.topic, event.url, event.event_date,
                 event.ends_at, event.time_zone, event.price, event.currency, event.status,
                 event.sale_starts_at, event.sale_ends_at, event.max_per_user, event.capacity);
  const auto rows = co_await pool_.run(std::move(options), kUpdate, std::move(values));
  co_return rows[0].get<std::int64_t>("changed") == 1;
}

Task<std::string> EventRepository::remove(postgres::TransactionOptions options, Uuid id) {
  auto values = parameters(id);
  const auto rows = co_await pool_.run(std::move(options), kRemove, std::move(values));
  co_return rows[0].get<std::string>("outcome");
}

}  // namespace evently::events
