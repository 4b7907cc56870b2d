#include "bookings/booking_verify.hpp"

#include "bookings/booking.hpp"

namespace evently::bookings {
namespace {

using postgres::Statement;

// Each gives one row: how many faults, and the first of them in words.
constexpr Statement kSeats{"verify.seats",
                           "SELECT count(*) AS faults, min(format('event %s: capacity %s, live "
                           "seats %s, available %s', id, capacity, taken, available)) AS first"
                           " FROM (SELECT s.event_id AS id, s.capacity, s.available, "
                           "coalesce(b.taken, 0) AS taken FROM core.event_inventory s"
                           " LEFT JOIN (SELECT event_id, sum(quantity) AS taken FROM core.bookings "
                           "WHERE status IN ('held', 'confirmed') GROUP BY 1) b USING (event_id)) x"
                           " WHERE capacity - taken <> available OR available < 0"};
constexpr Statement kInventory{
    "verify.inventory",
    "SELECT count(*) AS faults, min(format('event %s has no inventory row', e.id)) AS first FROM "
    "core.events e"
    " WHERE NOT EXISTS (SELECT FROM core.event_inventory s WHERE s.event_id = e.id)"};
// A limit that was lowered leaves those who booked before in the right: the trail knows what it
// was.
constexpr Statement kLimits{
    "verify.limits",
    "SELECT count(*) AS faults, min(format('user %s holds %s seats of event %s, at most %s', "
    "user_id, seats, event_id, max_per_user)) AS first"
    " FROM (SELECT b.user_id, b.event_id, sum(b.quantity) AS seats, min(e.max_per_user) AS "
    "max_per_user FROM core.bookings b"
    " JOIN core.events e ON e.id = b.event_id WHERE b.status IN ('held', 'confirmed') GROUP BY 1, 2"
    " HAVING sum(b.quantity) > min(e.max_per_user)) x"
    " WHERE seats > coalesce((SELECT max((a.changes -> 'max_per_user' ->> 0)::integer) FROM "
    "aud.event a WHERE a.object_id = x.event_id"
    " AND a.action = 'core.events.update' AND a.changes ? 'max_per_user'), 0)"};
constexpr Statement kOrphans{"verify.orphans",
                             "SELECT count(*) AS faults, min(format('booking %s: user %s or event "
                             "%s is not there', b.id, b.user_id, b.event_id)) AS first"
                             " FROM core.bookings b LEFT JOIN core.users u ON u.id = b.user_id "
                             "LEFT JOIN core.events e ON e.id = b.event_id"
                             " WHERE u.id IS NULL OR e.id IS NULL"};
constexpr Statement kDoubles{"verify.doubles",
                             "SELECT count(*) AS faults, min(format('%s bookings share the "
                             "reference %s', n, booking_reference)) AS first"
                             " FROM (SELECT booking_reference, count(*) AS n FROM core.bookings "
                             "GROUP BY 1 HAVING count(*) > 1) x"};
constexpr Statement kAmounts{
    "verify.amounts",
    "SELECT count(*) AS faults, min(format('booking %s: %s seats for %s %s, status %s, cancelled "
    "at %s', id, quantity, total_amount, currency, status, cancelled_at)) AS first"
    " FROM core.bookings WHERE quantity NOT BETWEEN 1 AND 10 OR total_amount < 0 OR currency !~ "
    "'^[A-Z]{3}$'"
    " OR (status = 'cancelled') <> (cancelled_at IS NOT NULL)"};
constexpr Statement kBookingAudit{
    "verify.booking_audit",
    "SELECT count(*) AS faults, min(format('booking %s has %s audit rows of its making', b.id, "
    "coalesce(a.n, 0))) AS first FROM core.bookings b"
    " LEFT JOIN (SELECT object_id, count(*) AS n FROM aud.event WHERE action = "
    "'core.bookings.insert' GROUP BY 1) a ON a.object_id = b.id"
    " WHERE a.n IS DISTINCT FROM 1"};
constexpr Statement kCancelAudit{
    "verify.cancel_audit",
    "SELECT count(*) AS faults, min(format('booking %s is cancelled without an audit row', b.id)) "
    "AS first FROM core.bookings b"
    " WHERE b.status = 'cancelled' AND NOT EXISTS (SELECT FROM aud.event a WHERE a.object_id = "
    "b.id AND a.action = 'core.bookings.update'"
    " AND a.changes -> 'status' ->> 1 = 'cancelled')"};
// What the audit rows of a table ($1, in words $2) add up to: the row as it was made, under the
// newest change of each column. Of hidden columns they tell only that there was one. Times are
// compared as times, for a hand at psql may have had another time zone; what is no time differs.
constexpr Statement kCompare{
    "verify.compare",
    "WITH changed AS (SELECT object_id, jsonb_object_agg(c.key, c.value -> 1 ORDER BY a.id) AS last"
    " FROM aud.event a, jsonb_each(a.changes) c WHERE a.action = $1::text || '.update' GROUP BY 1)"
    " SELECT count(*) AS faults, min(format('%s %s: %s is %s, its audit rows say %s', $2::text, id,"
    " key, coalesce(value #>> '{}', 'nothing'), coalesce(said #>> '{}', 'nothing'))) AS first"
    " FROM (SELECT t.id, d.key, d.value, coalesce(c.last -> d.key, i.changes -> d.key -> 1, 'null')"
    " AS said FROM ("
    "SELECT 'core.bookings' AS source, id, to_jsonb(b) AS columns FROM core.bookings b"
    " UNION ALL SELECT 'core.events', id, to_jsonb(e) FROM core.events e"
    " UNION ALL SELECT 'core.users', id, to_jsonb(u) FROM core.users u"
    " UNION ALL SELECT 'core.event_inventory', event_id, jsonb_build_object('capacity', capacity)"
    " FROM core.event_inventory) t"
    " JOIN aud.event i ON i.object_id = t.id AND i.action = $1 || '.insert'"
    " LEFT JOIN changed c ON c.object_id = t.id, jsonb_each(t.columns) d WHERE t.source = $1) x"
    " WHERE value <> said AND said <> '\"hidden\"' AND NOT CASE WHEN key ~ '_(at|date)$'"
    " AND said #>> '{}' ~ '^\\d{4}-[01]\\d-[0-3]\\dT[0-9:.]{8,15}[-+][0-9:]{2,8}$' THEN"
    " (value #>> '{}')::timestamptz IS NOT DISTINCT FROM (said #>> '{}')::timestamptz"
    " ELSE false END"};
constexpr Statement kFindGone{
    "verify.find_gone",
    "SELECT count(*) AS faults, min(format('audit row %s tells of %s %s, which is not there', a.id,"
    " $2::text, a.object_id)) AS first FROM aud.event a WHERE a.action = $1::text || '.insert'"
    " AND NOT EXISTS (SELECT FROM (SELECT 'core.bookings' AS source, id FROM core.bookings"
    " UNION ALL SELECT 'core.events', id FROM core.events"
    " UNION ALL SELECT 'core.users', id FROM core.users) t"
    " WHERE t.source = $1 AND t.id = a.object_id)"
    " AND NOT EXISTS (SELECT FROM aud.event d WHERE d.object_id = a.object_id AND d.action = $1 ||"
    " '.delete')"};
// Any price that the event ever had: which one counted at that moment the audit cannot tell to the
// transaction.
constexpr Statement kPrices{
    "verify.prices",
    "WITH prices AS MATERIALIZED (SELECT DISTINCT object_id, p::numeric AS price FROM aud.event a,"
    " jsonb_array_elements_text(a.changes -> 'price') p WHERE a.action IN ('core.events.insert', "
    "'core.events.update') AND p ~ '^[0-9.]{1,20}$')"
    " SELECT count(*) AS faults, min(format('booking %s: %s seats for %s, which the event never "
    "cost', b.id, b.quantity, b.total_amount)) AS first FROM core.bookings b"
    " WHERE NOT EXISTS (SELECT FROM prices p WHERE p.object_id = b.event_id AND b.quantity * "
    "p.price = b.total_amount)"};
constexpr Statement kUserAudit{"verify.user_audit",
                               "SELECT count(*) AS faults, min(format('user %s has no audit row', "
                               "u.id)) AS first FROM core.users u"
                               " WHERE NOT EXISTS (SELECT FROM aud.event a WHERE a.object_id = "
                               "u.id AND a.action = 'core.users.insert')"};
constexpr Statement kEventAudit{"verify.event_audit",
                                "SELECT count(*) AS faults, min(format('event %s has no audit "
                                "row', e.id)) AS first FROM core.events e"
                                " WHERE NOT EXISTS (SELECT FROM aud.event a WHERE a.object_id = "
                                "e.id AND a.action = 'core.events.insert')"};
constexpr Statement kKeys{
    "verify.keys",
    "SELECT count(*) AS faults, min(format('idempotency key of user %s: booking %s is not there', "
    "k.user_id, k.object_id)) AS first"
    " FROM core.idempotency k WHERE k.route = 'bookings.create' AND k.outcome = 'confirmed'"
    " AND NOT EXISTS (SELECT FROM core.bookings b WHERE b.id = k.object_id)"};
constexpr Statement kOpenReferences{
    "verify.references",
    "DECLARE verify_references CURSOR FOR SELECT id, booking_reference FROM core.bookings"};
constexpr Statement kNextReferences{"verify.next_references", "FETCH 10000 FROM verify_references"};

struct Table {
  const char* name;
  const char* row;  ///< in words
};
constexpr Table kBookings{"core.bookings", "booking"};
constexpr Table kEvents{"core.events", "event"};
constexpr Table kUsers{"core.users", "user"};
constexpr Table kSeatRows{"core.event_inventory", "seats of event"};

Check check_of(const char* name, const postgres::Rows& rows) {
  return {name, rows[0].get<std::int64_t>("faults"),
          rows[0].find<std::string>("first").value_or("")};
}

Check run_check(postgres::SyncConnection& connection, const char* name,
                const Statement& statement) {
  return check_of(name, connection.run(statement));
}

Check run_check(postgres::SyncConnection& connection, const char* name, const Statement& statement,
                const Table& table) {
  return check_of(name, connection.run(statement, {table.name, table.row}));
}

/// The check symbol of every reference, in portions: five million of them need no memory.
Check check_references(postgres::SyncConnection& connection) {
  Check check{"every reference is well-formed and its check symbol right", 0, ""};
  connection.run(kOpenReferences);
  for (auto rows = connection.run(kNextReferences); !rows.empty();
       rows = connection.run(kNextReferences)) {
    for (int i = 0; i < rows.size(); ++i) {
      if (is_reference(rows[i].get<std::string>("booking_reference"))) continue;
      if (check.faults++ == 0)
        check.first = "booking " + rows[i].get<std::string>("id") + " has a malformed reference";
    }
  }
  return check;
}

}  // namespace

std::vector<Check> verify_books(postgres::SyncConnection& connection) {
  connection.script("verify.begin", "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
  std::vector<Check> checks;
  checks.push_back(
      run_check(connection, "every event: capacity less live seats is what is available", kSeats));
  checks.push_back(run_check(connection, "every event has its seats", kInventory));
  checks.push_back(run_check(connection, "nobody holds more seats than one person may", kLimits));
  checks.push_back(run_check(connection, "every booking has its person and its event", kOrphans));
  checks.push_back(run_check(connection, "every booking's numbers make sense", kAmounts));
  checks.push_back(check_references(connection));
  checks.push_back(run_check(connection, "no reference stands for two bookings", kDoubles));
  checks.push_back(
      run_check(connection, "every booking has one audit row of its making", kBookingAudit));
  checks.push_back(run_check(connection, "every cancellation has its audit row", kCancelAudit));
  checks.push_back(run_check(connection, "every audited booking is there", kFindGone, kBookings));
  checks.push_back(
      run_check(connection, "every booking is what its audit rows say", kCompare, kBookings));
  checks.push_back(run_check(connection, "every booking costs what its seats cost", kPrices));
  checks.push_back(run_check(connection, "every user has an audit row", kUserAudit));
  checks.push_back(run_check(connection, "every event has an audit row", kEventAudit));
  checks.push_back(run_check(connection, "every audited user is there", kFindGone, kUsers));
  checks.push_back(run_check(connection, "every audited event is there", kFindGone, kEvents));
  checks.push_back(
      run_check(connection, "every user is what their audit rows say", kCompare, kUsers));
  checks.push_back(
      run_check(connection, "every event is what its audit rows say", kCompare, kEvents));
  checks.push_back(
      run_check(connection, "every capacity is what its audit rows say", kCompare, kSeatRows));
  checks.push_back(run_check(connection, "every idempotency key leads to its booking", kKeys));
  connection.script("verify.end", "ROLLBACK");
  return checks;
}

}  // namespace evently::bookings
