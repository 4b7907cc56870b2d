#include "bookings/bench_prepare.hpp"

#include "bookings/booking.hpp"

namespace evently::bookings {
namespace {

using postgres::Statement;

constexpr Statement kStrangers{"bench.strangers",
                               "SELECT count(*) AS strangers FROM core.users WHERE email NOT LIKE '%@bench.invalid'"};
constexpr Statement kMakePerson{
    "bench.make_people",
    "INSERT INTO core.users (id, email, email_lookup, name) SELECT id, id || '@bench.invalid', sha256(convert_to(id::text, 'UTF8')), 'Bench'"
    " FROM unnest($1::uuid[]) id"};
constexpr Statement kOpenSessions{
    "bench.open_sessions",
    "SELECT s.created_at, s.expires_at FROM unnest($1::uuid[], $2::uuid[]) p (session_id, user_id),"
    " LATERAL sec.open_session(p.session_id, p.user_id, '127.0.0.1', 'bench') s"};
constexpr Statement kMakeEvents{
    "bench.make_events",
    "INSERT INTO core.events (id, name, venue, event_date, max_per_user) SELECT id, 'Bench ' || n, 'Load', now() + interval '30 days', 1000"
    " FROM unnest($1::uuid[]) WITH ORDINALITY e (id, n)"};
constexpr Statement kMakeSeats{
    "bench.make_seats",
    "INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, $2, $2 FROM unnest($1::uuid[]) id"};
constexpr Statement kMoreSeats{
    "bench.more_seats",
    "UPDATE core.event_inventory SET capacity = capacity + $2 WHERE event_id = $1"};
constexpr Statement kMakeBookings{
    "bench.make_bookings",
    "INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, total_amount, currency)"
    " SELECT b.id, b.reference, $1, b.user_id, 1, 0, 'EUR' FROM unnest($2::uuid[], $3::text[], $4::uuid[]) b (id, reference, user_id)"};

using Column = std::vector<std::optional<std::string>>;
constexpr std::int64_t kBatch = 5'000;

Column make_ids(std::int64_t count) {
  Column ids;
  for (std::int64_t i = 0; i < count; ++i) ids.emplace_back(to_string(make_uuid_v7()));
  return ids;
}

void make_people(postgres::SyncConnection& connection, const crypto::TokenKeys& tokens, std::int64_t count,
                 Column& people, std::ostream& token_lines) {
  const Column ids = make_ids(count);
  const Column sessions = make_ids(count);
  connection.run(kMakePerson, {postgres::encode_array(ids)});
  const auto opened = connection.run(kOpenSessions, {postgres::encode_array(sessions), postgres::encode_array(ids)});
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const postgres::Row times = opened[static_cast<int>(i)];
    const crypto::Claims claims{*parse_uuid(*ids[i]), "user", times.get<TimePoint>("created_at"),
                                times.get<TimePoint>("expires_at"), *parse_uuid(*sessions[i])};
    token_lines << *ids[i] << ' ' << tokens.issue(claims) << '\n';
    people.push_back(ids[i]);
  }
}

void make_bookings(postgres::SyncConnection& connection, const std::string& event_id, std::int64_t from,
                   std::int64_t count, const Column& people) {
  Column references;
  Column users;
  for (std::int64_t i = 0; i < count; ++i) {
    references.emplace_back(make_reference());
    users.push_back(people[static_cast<std::size_t>(from + i) % people.size()]);
  }
  connection.run(kMakeBookings, {event_id, postgres::encode_array(make_ids(count)), postgres::encode_array(references),
                                 postgres::encode_array(users)});
}

}  // namespace

std::optional<std::string> prepare_bench(postgres::SyncConnection& connection, const crypto::TokenKeys& tokens,
                                         const BenchPlan& plan, std::ostream& token_lines) {
  const auto strangers = connection.run(kStrangers)[0].get<std::int64_t>("strangers");
  if (strangers > 0) return "this database holds " + std::to_string(strangers) + " other people; load tests want one of their own";
  // A person may hold a thousand seats of an event (max_per_user): more bookings want more people.
  if (plan.bookings > plan.users * 900) return "--bookings wants at least one user for 900 of them";

  Column people;
  for (std::int64_t made = 0; made < plan.users; made += kBatch) {
    make_people(connection, tokens, std::min(kBatch, plan.users - made), people, token_lines);
  }
  const Column events = make_ids(plan.events);
  connection.run(kMakeEvents, {postgres::encode_array(events)});
  connection.run(kMakeSeats, {postgres::encode_array(events), postgres::encode(plan.seats)});
  const std::string first = *events.front();
  connection.run(kMoreSeats, postgres::parameters(first, plan.bookings));
  for (std::int64_t made = 0; made < plan.bookings; made += kBatch) {
    make_bookings(connection, first, made, std::min(kBatch, plan.bookings - made), people);
  }
  return std::nullopt;
}

}  // namespace evently::bookings
