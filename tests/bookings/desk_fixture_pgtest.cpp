#include "bookings/desk_fixture.hpp"

namespace evently::testing {

using bookings::BookingVerdict;
using bookings::BookingWish;

Uuid DeskFixture::person(int n) {
  std::string digits = std::to_string(n);
  return parse_uuid("00000000-0000-7000-8000-" + std::string(12 - digits.size(), '0') + digits)
      .value();
}

std::string DeskFixture::context_of(int n, const std::string& request_id) {
  return signer.sign({person(n), person(n), request_id, "192.0.2.7"});
}

void DeskFixture::given_people(int count) {
  arrange(
      "INSERT INTO core.users (id, email, email_lookup, name, role)"
      " SELECT ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, n || '@example.org', "
      "sha256(n::text::bytea),"
      " 'Person', CASE WHEN n = 1 THEN 'admin' ELSE 'user' END FROM generate_series(1, " +
      std::to_string(count) +
      ") n; INSERT INTO sec.sessions (id, user_id, expires_at) SELECT id, id, now() + interval '1 "
      "day' FROM core.users");
}

Uuid DeskFixture::given_event(int seats, const std::string& more) {
  const Uuid id = make_uuid_v7();
  const std::string n = std::to_string(seats);
  arrange("INSERT INTO core.events (id, name, venue, event_date, price) VALUES ('" + to_string(id) +
          "', 'Meetup', 'Hall', now() + interval '9 days', 12.50); INSERT INTO "
          "core.event_inventory VALUES ('" +
          to_string(id) + "', " + n + ", " + n + ")");
  if (!more.empty())
    arrange("UPDATE core.events SET " + more + " WHERE id = '" + to_string(id) + "'");
  return id;
}

BookingWish DeskFixture::wish(int n, const Uuid& event, int quantity, const std::string& key) {
  BookingWish wanted;
  wanted.context = context_of(n);
  wanted.event_id = event;
  wanted.quantity = quantity;
  wanted.key = key;
  wanted.fingerprint = std::string(32, static_cast<char>(quantity));
  wanted.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  return wanted;
}

Task<Outcome> DeskFixture::try_book(bookings::BookingDesk& at, BookingWish wanted) {
  Outcome outcome;
  try {
    outcome.verdict = co_await at.book(std::move(wanted));
  } catch (const postgres::QueryError& error) {
    outcome.fault = error.state;
  } catch (const postgres::ConnectionLost&) {
    outcome.fault = "lost";
  } catch (const postgres::PoolExhausted&) {
    outcome.fault = "exhausted";
  }
  co_return outcome;
}

Outcome DeskFixture::book(BookingWish wanted) {
  return run_task(io, try_book(desk, std::move(wanted)));
}

std::vector<Outcome> DeskFixture::book_all(std::vector<BookingWish> wishes) {
  std::vector<Task<Outcome>> tries;
  for (BookingWish& one : wishes) tries.push_back(try_book(desk, std::move(one)));
  return run_together(io, std::move(tries));
}

BookingVerdict DeskFixture::cancel(int n, const Uuid& booking) {
  bookings::CancelWish wanted{context_of(n, "request-to-cancel"), booking,
                              std::chrono::steady_clock::now() + std::chrono::seconds(20)};
  return run_task(io, desk.cancel(std::move(wanted)));
}

std::vector<bookings::Answer<BookingVerdict>> DeskFixture::call(std::vector<BookingWish> wishes,
                                                                bool again) {
  for (BookingWish& one : wishes) {
    if (!one.booking_id.is_nil()) continue;
    one.booking_id = make_uuid_v7();
    one.reference = bookings::make_reference();
  }
  postgres::SyncConnection connection(database.conninfo("application_user"));
  const auto rows = connection.run(bookings::kBook, bookings::book_parameters(wishes, again));
  return bookings::decode_verdicts(rows, wishes);
}

std::int64_t DeskFixture::number(const std::string& sql) {
  arrange(
      "CREATE TEMP TABLE IF NOT EXISTS answer (n bigint); TRUNCATE answer; INSERT INTO answer " +
      sql);
  return superuser.run({"test.number", "SELECT n FROM answer"})[0].get<std::int64_t>("n");
}

std::int64_t DeskFixture::seats_left(const Uuid& event) {
  return number("SELECT available FROM core.event_inventory WHERE event_id = '" + to_string(event) +
                "'");
}

std::int64_t DeskFixture::bookings_of(const Uuid& event) {
  return number("SELECT count(*) FROM core.bookings WHERE event_id = '" + to_string(event) + "'");
}

int DeskFixture::confirmed(const std::vector<Outcome>& outcomes) {
  int count = 0;
  for (const Outcome& outcome : outcomes) count += outcome.confirmed() ? 1 : 0;
  return count;
}

int DeskFixture::refused(const std::vector<Outcome>& outcomes, Kind kind) {
  int count = 0;
  for (const Outcome& outcome : outcomes) {
    count +=
        outcome.fault.empty() && !outcome.verdict.booking && outcome.verdict.refusal.kind == kind
            ? 1
            : 0;
  }
  return count;
}

}  // namespace evently::testing
