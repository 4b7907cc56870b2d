#include "bookings/bench_prepare.hpp"

#include <algorithm>

#include "bookings/booking.hpp"

namespace evently::bookings {
namespace {

using postgres::Statement;

constexpr Statement kStrangers{
    "bench.strangers",
    "SELECT count(*) AS strangers FROM core.users WHERE email NOT LIKE '%@bench.invalid'"};
constexpr Statement kMakePeople{
    "bench.make_people",
    "INSERT INTO core.users (id, email, email_lookup, name) SELECT id, id || '@bench.invalid', "
    "sha256(convert_to(id::text, 'UTF8')), 'Bench'"
    " FROM unnest($1::uuid[]) id"};
constexpr Statement kOpenSessions{
    "bench.open_sessions",
    "SELECT s.created_at, s.expires_at FROM unnest($1::uuid[], $2::uuid[]) p (session_id, user_id),"
    " LATERAL sec.open_session(p.session_id, p.user_id, '127.0.0.1', 'bench') s"};
constexpr Statement kMakeEvents{
    "bench.make_events",
    "WITH made AS (INSERT INTO core.events (id, name, venue, event_date, max_per_user)"
    " SELECT id, 'Bench ' || n, 'Load', now() + interval '30 days', 1000 FROM unnest($1::uuid[]) "
    "WITH ORDINALITY e (id, n) RETURNING id)"
    " INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, $2, $2 FROM "
    "made"};
/// Seats and bookings grow together, so the books balance whenever this is interrupted.
constexpr Statement kMakeBookings{
    "bench.make_bookings",
    "WITH made AS (INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, "
    "total_amount, currency)"
    " SELECT b.id, b.reference, $1, b.user_id, 1, 0, 'EUR' FROM unnest($2::uuid[], $3::text[], "
    "$4::uuid[]) b (id, reference, user_id)"
    " RETURNING quantity)"
    " UPDATE core.event_inventory SET capacity = capacity + (SELECT sum(quantity) FROM made) WHERE "
    "event_id = $1"};

using Column = std::vector<std::optional<std::string>>;
constexpr std::int64_t kBatch = 5'000;
constexpr std::int64_t kMaxSeats = 10'000'000;  // event_inventory_fits_the_house
constexpr std::int64_t kBookingsEach = 10;      // what one person may hold of an event by default

Column make_ids(std::int64_t count) {
  Column ids;
  for (std::int64_t i = 0; i < count; ++i) ids.emplace_back(to_string(make_uuid_v7()));
  return ids;
}

void make_people(postgres::SyncConnection& connection, const crypto::TokenKeys& tokens,
                 std::int64_t count, std::ostream& token_lines) {
  const Column ids = make_ids(count);
  const Column sessions = make_ids(count);
  connection.run(kMakePeople, {postgres::encode_array(ids)});
  const auto opened = connection.run(
      kOpenSessions, {postgres::encode_array(sessions), postgres::encode_array(ids)});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const postgres::Row times = opened[static_cast<int>(i)];
    const crypto::Claims claims{*parse_uuid(*ids[i]), "user", times.get<TimePoint>("created_at"),
                                times.get<TimePoint>("expires_at"), *parse_uuid(*sessions[i])};
    token_lines << *ids[i] << ' ' << tokens.issue(claims) << '\n';
  }
}

void make_bookings(postgres::SyncConnection& connection, const std::string& event_id,
                   std::int64_t count) {
  const Column crowd = make_ids((count + kBookingsEach - 1) / kBookingsEach);
  Column references;
  Column holders;
  for (std::int64_t i = 0; i < count; ++i) {
    references.emplace_back(make_reference());
    holders.push_back(crowd[static_cast<std::size_t>(i) % crowd.size()]);
  }
  connection.run(kMakePeople, {postgres::encode_array(crowd)});
  connection.run(kMakeBookings,
                 {event_id, postgres::encode_array(make_ids(count)),
                  postgres::encode_array(references), postgres::encode_array(holders)});
}

/// Calls `make` for portions of `total`.
void in_batches(std::int64_t total, const char* what, const BenchProgress& progress,
                const std::function<void(std::int64_t)>& make) {
  for (std::int64_t made = 0; made < total;) {
    const std::int64_t count = std::min(kBatch, total - made);
    make(count);
    made += count;
    if (progress) progress(what, made, total);
  }
}

}  // namespace

std::optional<std::string> prepare_bench(postgres::SyncConnection& connection,
                                         const crypto::TokenKeys& tokens, const BenchPlan& plan,
                                         std::ostream& token_lines, const BenchProgress& progress) {
  const auto strangers = connection.run(kStrangers)[0].get<std::int64_t>("strangers");
  if (strangers > 0)
    return "this database holds " + std::to_string(strangers) +
           " other people; load tests want one of their own";
  if (plan.users < 0 || plan.events < 0 || plan.seats < 1)
    return "--users and --events must not be negative, --seats at least 1";
  if (plan.bookings > 0 && plan.events == 0) return "--bookings wants an event: --events 1";
  if (plan.seats + plan.bookings > kMaxSeats)
    return "--seats and --bookings together are more than an event may have, 10000000";

  in_batches(plan.users, "people", progress,
             [&](std::int64_t count) { make_people(connection, tokens, count, token_lines); });
  const Column events = make_ids(plan.events);
  connection.run(kMakeEvents, {postgres::encode_array(events), postgres::encode(plan.seats)});
  in_batches(plan.bookings, "bookings", progress,
             [&](std::int64_t count) { make_bookings(connection, *events.front(), count); });
  return std::nullopt;
}

}  // namespace evently::bookings
