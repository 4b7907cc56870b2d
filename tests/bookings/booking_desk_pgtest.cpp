// What the desk promises: seats, limits, people, audit. Retries and faults are in
// desk_faults_pgtest.cpp, keys in booking_keys_pgtest.cpp.
#include "bookings/desk_fixture.hpp"

namespace evently::testing {
namespace {

using bookings::BookingWish;

class BookingDeskPgTest : public DeskFixture {};

TEST_F(BookingDeskPgTest, ConfirmsWithEverythingATicketShows) {
  given_people(2);
  const Uuid event = given_event(10);
  const auto outcome = book(wish(2, event, 3));
  ASSERT_TRUE(outcome.confirmed());
  const bookings::Booking& booking = *outcome.verdict.booking;
  EXPECT_EQ(booking.event_id, event);
  EXPECT_EQ(booking.user_id, person(2));
  EXPECT_EQ(booking.quantity, 3);
  EXPECT_EQ(to_string(booking.total_amount), "37.50");
  EXPECT_EQ(booking.currency, "EUR");
  EXPECT_EQ(booking.status, "confirmed");
  EXPECT_EQ(booking.event_name, "Meetup");
  EXPECT_TRUE(bookings::is_reference(booking.reference));
  EXPECT_EQ(seats_left(event), 7);
}

TEST_F(BookingDeskPgTest, SellsTheLastSeatOnlyOnceToTwentyRivals) {
  given_people(20);
  const Uuid event = given_event(1);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 20; ++n) wishes.push_back(wish(n, event));
  const auto outcomes = book_all(std::move(wishes));
  EXPECT_EQ(confirmed(outcomes), 1);
  EXPECT_EQ(refused(outcomes, Kind::SoldOut), 19);
  EXPECT_EQ(seats_left(event), 0);
}

TEST_F(BookingDeskPgTest, SellsExactlyTheSeatsThereAre) {
  given_people(2000);
  const Uuid event = given_event(500);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 2000; ++n) wishes.push_back(wish(n, event, n % 3 + 1));
  const auto outcomes = book_all(std::move(wishes));
  int seats = 0;
  for (const Outcome& outcome : outcomes)
    seats += outcome.confirmed() ? outcome.verdict.booking->quantity : 0;
  EXPECT_EQ(seats, 500);
  EXPECT_EQ(seats_left(event), 0);
  EXPECT_EQ(confirmed(outcomes) + refused(outcomes, Kind::SoldOut) +
                refused(outcomes, Kind::InsufficientSeats),
            2000);
  EXPECT_EQ(number("SELECT sum(quantity) FROM core.bookings"), 500);
}

TEST_F(BookingDeskPgTest, AdmitsFirstComeFirstServedInsideABatch) {
  given_people(4);
  const Uuid event = given_event(3);
  const auto answers =
      call({wish(1, event, 2), wish(2, event, 2), wish(3, event, 1), wish(4, event, 1)});
  EXPECT_TRUE(answers[0].verdict.booking);
  EXPECT_EQ(answers[1].verdict.refusal.kind, Kind::InsufficientSeats);
  EXPECT_EQ(answers[1].verdict.refusal.available, 1);
  EXPECT_TRUE(answers[2].verdict.booking);
  EXPECT_EQ(answers[3].verdict.refusal.kind, Kind::SoldOut);
}

// requirements.md C6
TEST_F(BookingDeskPgTest, DeniesTheRevokedTheForgedAndTheMismatchedAndNobodyElse) {
  given_people(64);
  const Uuid event = given_event(60);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 64; ++n) wishes.push_back(wish(n, event));
  arrange("UPDATE sec.sessions SET revoked_at = now() WHERE id = '" + to_string(person(10)) + "'");
  char& last = wishes[19].context.back();
  last = last == '0' ? '1' : '0';
  wishes[29].context = signer.sign({person(30), person(31), "request-of-test", "192.0.2.7"});
  std::vector<int> denied;
  int fine = 0;
  int sold_out = 0;
  const auto answers = call(std::move(wishes));
  for (int i = 0; i < 64; ++i) {
    const auto& verdict = answers[static_cast<std::size_t>(i)].verdict;
    if (verdict.booking)
      ++fine;
    else if (verdict.refusal.kind == Kind::Denied)
      denied.push_back(i);
    else if (verdict.refusal.kind == Kind::SoldOut)
      ++sold_out;
  }
  EXPECT_EQ(denied, (std::vector<int>{9, 19, 29}));
  EXPECT_EQ(fine, 60);
  EXPECT_EQ(sold_out, 1);
  EXPECT_EQ(seats_left(event), 0);
  EXPECT_EQ(number("SELECT count(*) FROM core.bookings WHERE user_id IN ('" +
                   to_string(person(10)) + "', '" + to_string(person(20)) + "', '" +
                   to_string(person(30)) + "', '" + to_string(person(31)) + "')"),
            1);
}

TEST_F(BookingDeskPgTest, DeniesMalformedContextsWithoutFailing) {
  given_people(1);
  const Uuid event = given_event(5);
  std::vector<BookingWish> wishes;
  for (const std::string& context :
       {std::string(), std::string("|||||||"), std::string(600, '1'),
        std::string("1|1|x|y|r|9999999999|z|m"), std::string("1|99999999|||r|99999999999999||m"),
        std::string("1|2|3"),
        signer.sign({person(1), person(1), "r", "192.0.2.7"}, std::chrono::seconds(-5)),
        signer.sign({{}, {}, "r", "192.0.2.7"})}) {
    wishes.push_back(wish(1, event));
    wishes.back().context = context;
  }
  wishes.push_back(wish(1, event));
  const auto answers = call(std::move(wishes));
  for (std::size_t i = 0; i + 1 < answers.size(); ++i)
    EXPECT_EQ(answers[i].verdict.refusal.kind, Kind::Denied) << i;
  EXPECT_TRUE(answers.back().verdict.booking);
}

TEST_F(BookingDeskPgTest, HoldsEachPersonToTheLimitOfTheEvent) {
  given_people(2);
  const Uuid event = given_event(100, "max_per_user = 4");
  const auto answers =
      call({wish(1, event, 3), wish(1, event, 2), wish(2, event, 4), wish(1, event, 1)});
  EXPECT_TRUE(answers[0].verdict.booking);
  EXPECT_EQ(answers[1].verdict.refusal.kind, Kind::PurchaseLimit);
  EXPECT_EQ(answers[1].verdict.refusal.limit, 4);
  EXPECT_EQ(answers[1].verdict.refusal.already_booked, 3);
  EXPECT_TRUE(answers[2].verdict.booking);
  EXPECT_TRUE(answers[3].verdict.booking);
  const auto later = book(wish(1, event, 1));
  EXPECT_EQ(later.verdict.refusal.kind, Kind::PurchaseLimit);
  EXPECT_EQ(later.verdict.refusal.already_booked, 4);
}

TEST_F(BookingDeskPgTest, HoldsAPersonToTheLimitAcrossParallelTries) {
  given_people(1);
  const Uuid event = given_event(100);
  std::vector<BookingWish> wishes;
  for (int n = 0; n < 50; ++n) wishes.push_back(wish(1, event));
  const auto outcomes = book_all(std::move(wishes));
  EXPECT_EQ(confirmed(outcomes), 10);
  EXPECT_EQ(refused(outcomes, Kind::PurchaseLimit), 40);
}

TEST_F(BookingDeskPgTest, TellsWhyAnEventCannotBeBooked) {
  given_people(1);
  const auto reason = [&](const std::string& change) {
    return book(wish(1, given_event(5, change))).verdict.refusal.reason;
  };
  EXPECT_EQ(reason("status = 'cancelled'"), "cancelled");
  EXPECT_EQ(reason("status = 'completed'"), "over");
  EXPECT_EQ(reason("event_date = now() - interval '1 day'"), "over");
  EXPECT_EQ(reason("sale_starts_at = now() + interval '1 day'"), "sale_not_started");
  EXPECT_EQ(reason("sale_ends_at = now() - interval '1 day'"), "sale_ended");
}

TEST_F(BookingDeskPgTest, KnowsNoDraftsAndNoOtherEvents) {
  given_people(1);
  EXPECT_EQ(book(wish(1, given_event(5, "status = 'draft'"))).verdict.refusal.kind, Kind::NotFound);
  EXPECT_EQ(book(wish(1, make_uuid_v7())).verdict.refusal.kind, Kind::NotFound);
}

TEST_F(BookingDeskPgTest, LetsAdministratorsBookForOthersAndNobodyElse) {
  given_people(3);
  const Uuid event = given_event(5);
  BookingWish by_user = wish(2, event);
  by_user.user_id = person(3);
  const auto refused_one = book(by_user).verdict.refusal;
  EXPECT_EQ(refused_one.kind, Kind::Forbidden);
  EXPECT_EQ(refused_one.required, "booking:cancel:any");
  EXPECT_EQ(refused_one.role, "user");

  BookingWish by_admin = wish(1, event);
  by_admin.user_id = person(3);
  EXPECT_EQ(book(by_admin).verdict.booking->user_id, person(3));
  by_admin.user_id = make_uuid_v7();
  EXPECT_EQ(book(by_admin).verdict.refusal.kind, Kind::NotFound);
  BookingWish for_oneself = wish(2, event);
  for_oneself.user_id = person(2);
  EXPECT_TRUE(book(for_oneself).confirmed());
}

TEST_F(BookingDeskPgTest, GivesNoSeatsOfOneEventForAnother) {
  given_people(40);
  const Uuid small = given_event(3);
  const Uuid large = given_event(100);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 40; ++n) wishes.push_back(wish(n, n % 2 == 0 ? small : large));
  book_all(std::move(wishes));
  EXPECT_EQ(bookings_of(small), 3);
  EXPECT_EQ(bookings_of(large), 20);
  EXPECT_EQ(seats_left(large), 80);
}

TEST_F(BookingDeskPgTest, LeavesOneAuditRowABookingWithItsOwnActor) {
  given_people(30);
  const Uuid event = given_event(20);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 30; ++n) {
    wishes.push_back(wish(n, event));
    wishes.back().context = context_of(n, "request-" + std::to_string(n));
  }
  book_all(std::move(wishes));
  EXPECT_EQ(number("SELECT count(*) FROM aud.event WHERE action = 'core.bookings.insert'"), 20);
  EXPECT_EQ(number("SELECT count(*) FROM aud.event a JOIN core.bookings b ON b.id = a.object_id "
                   "WHERE a.actor = b.user_id"
                   " AND a.session_id = b.user_id AND a.client_ip = '192.0.2.7' AND db_login = "
                   "'application_user'"
                   " AND a.request_id = 'request-' || right(b.user_id::text, 12)::integer"
                   " AND a.changes -> 'quantity' -> 1 = '1' AND a.changes -> 'booking_reference' "
                   "->> 1 = b.booking_reference"),
            20);
}

TEST_F(BookingDeskPgTest, CancelsOnceHoweverOftenAsked) {
  given_people(2);
  const Uuid event = given_event(5);
  const Uuid id = book(wish(2, event, 2)).verdict.booking->id;
  const auto first = cancel(2, id);
  const auto second = cancel(2, id);
  ASSERT_TRUE(first.booking && second.booking);
  EXPECT_EQ(first.booking->status, "cancelled");
  EXPECT_EQ(first.booking->cancelled_at, second.booking->cancelled_at);
  EXPECT_EQ(seats_left(event), 5);
  EXPECT_EQ(
      number("SELECT count(*) FROM aud.event WHERE action = 'core.bookings.update' AND request_id "
             "= 'request-to-cancel'"
             " AND actor = '" +
             to_string(person(2)) + "' AND changes -> 'status' = '[\"confirmed\", \"cancelled\"]'"),
      1);
}

TEST_F(BookingDeskPgTest, FreesTheLimitAndTheSeatWithACancellation) {
  given_people(2);
  const Uuid event = given_event(1, "max_per_user = 1");
  const Uuid id = book(wish(2, event)).verdict.booking->id;
  EXPECT_FALSE(book(wish(1, event)).confirmed());
  cancel(2, id);
  EXPECT_TRUE(book(wish(2, event)).confirmed());
}

TEST_F(BookingDeskPgTest, HidesOthersBookingsFromCancellation) {
  given_people(3);
  const Uuid event = given_event(5);
  const Uuid id = book(wish(2, event)).verdict.booking->id;
  EXPECT_EQ(cancel(3, id).refusal.kind, Kind::NotFound);
  EXPECT_EQ(cancel(3, make_uuid_v7()).refusal.kind, Kind::NotFound);
  EXPECT_EQ(seats_left(event), 4);
  EXPECT_TRUE(cancel(1, id).booking);  // an administrator
  arrange("UPDATE sec.sessions SET revoked_at = now()");
  EXPECT_EQ(cancel(2, id).refusal.kind, Kind::Denied);
}

TEST_F(BookingDeskPgTest, KeepsTheBooksWhileSomeBookAndSomeCancel) {
  given_people(60);
  const Uuid event = given_event(40);
  std::vector<BookingWish> wishes;
  for (int n = 1; n <= 30; ++n) wishes.push_back(wish(n, event));
  const auto first = book_all(std::move(wishes));
  std::vector<Task<Outcome>> tries;
  for (int n = 31; n <= 60; ++n) tries.push_back(try_book(desk, wish(n, event)));
  std::vector<std::future<bookings::BookingVerdict>> cancelled;
  for (int n = 1; n <= 30; n += 2) {
    bookings::CancelWish wanted{context_of(n),
                                first[static_cast<std::size_t>(n - 1)].verdict.booking->id,
                                std::chrono::steady_clock::now() + std::chrono::seconds(20)};
    cancelled.push_back(
        boost::asio::co_spawn(io, desk.cancel(std::move(wanted)), boost::asio::use_future));
  }
  run_together(io, std::move(tries));
  for (auto& one : cancelled) EXPECT_TRUE(one.get().booking);
  EXPECT_EQ(seats_left(event) +
                number("SELECT sum(quantity) FROM core.bookings WHERE status = 'confirmed'"),
            40);
}

}  // namespace
}  // namespace evently::testing
