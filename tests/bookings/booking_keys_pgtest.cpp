// designs.md §2.11, row by row, at the desk. Headers are the routes' business.
#include "bookings/desk_fixture.hpp"

namespace evently::testing {
namespace {

using bookings::BookingWish;

class BookingKeysPgTest : public DeskFixture {
 protected:
  BookingKeysPgTest() { given_people(4); }
};

TEST_F(BookingKeysPgTest, RepeatTheFirstAnswer) {
  const Uuid event = given_event(5);
  const auto first = book(wish(2, event, 2, "key"));
  const auto second = book(wish(2, event, 2, "key"));
  ASSERT_TRUE(first.confirmed() && second.confirmed());
  EXPECT_FALSE(first.verdict.replayed);
  EXPECT_TRUE(second.verdict.replayed);
  EXPECT_EQ(second.verdict.booking->id, first.verdict.booking->id);
  EXPECT_EQ(second.verdict.booking->reference, first.verdict.booking->reference);
  EXPECT_EQ(second.verdict.booking->created_at, first.verdict.booking->created_at);
  EXPECT_EQ(second.verdict.booking->total_amount, first.verdict.booking->total_amount);
  EXPECT_EQ(bookings_of(event), 1);
}

TEST_F(BookingKeysPgTest, RepeatTheFirstAnswerWhateverChangedSince) {
  const Uuid event = given_event(5);
  const auto first = book(wish(2, event, 1, "key"));
  cancel(2, first.verdict.booking->id);
  arrange("UPDATE core.events SET name = 'Renamed', status = 'cancelled', price = 99");
  const auto second = book(wish(2, event, 1, "key"));
  ASSERT_TRUE(second.confirmed());
  EXPECT_EQ(second.verdict.booking->status, "confirmed");
  EXPECT_EQ(second.verdict.booking->event_name, "Meetup");
  EXPECT_EQ(second.verdict.booking->total_amount, first.verdict.booking->total_amount);
}

TEST_F(BookingKeysPgTest, RepeatARefusalWithItsNumbers) {
  const Uuid event = given_event(3, "max_per_user = 2");
  book(wish(2, event, 2));
  const auto first = book(wish(3, event, 2, "few"));
  EXPECT_EQ(first.verdict.refusal.kind, Kind::InsufficientSeats);
  const auto limited = book(wish(2, event, 1, "limit"));
  EXPECT_EQ(limited.verdict.refusal.kind, Kind::PurchaseLimit);
  arrange(
      "UPDATE core.event_inventory SET capacity = 100, available = 98; UPDATE core.events SET "
      "max_per_user = 10");

  const auto again = book(wish(3, event, 2, "few"));
  EXPECT_TRUE(again.verdict.replayed);
  EXPECT_EQ(again.verdict.refusal.kind, Kind::InsufficientSeats);
  EXPECT_EQ(again.verdict.refusal.available, 1);
  const auto limited_again = book(wish(2, event, 1, "limit"));
  EXPECT_TRUE(limited_again.verdict.replayed);
  EXPECT_EQ(limited_again.verdict.refusal.limit, 2);
  EXPECT_EQ(limited_again.verdict.refusal.already_booked, 2);
}

TEST_F(BookingKeysPgTest, RefuseAnotherBody) {
  const Uuid event = given_event(5);
  book(wish(2, event, 1, "key"));
  EXPECT_EQ(book(wish(2, event, 2, "key")).verdict.refusal.kind, Kind::KeyMismatch);
  EXPECT_EQ(bookings_of(event), 1);
}

TEST_F(BookingKeysPgTest, AreEachPersonsOwn) {
  const Uuid event = given_event(5);
  EXPECT_FALSE(book(wish(2, event, 1, "key")).verdict.replayed);
  EXPECT_FALSE(book(wish(3, event, 1, "key")).verdict.replayed);
  EXPECT_EQ(bookings_of(event), 2);
}

TEST_F(BookingKeysPgTest, MakeOneBookingOfFiftyParallelTries) {
  const Uuid event = given_event(500);
  std::vector<BookingWish> wishes;
  for (int n = 0; n < 50; ++n) wishes.push_back(wish(2, event, 1, "key"));
  const auto outcomes = book_all(std::move(wishes));
  EXPECT_EQ(confirmed(outcomes), 50);
  int fresh = 0;
  for (const Outcome& outcome : outcomes) {
    fresh += outcome.verdict.replayed ? 0 : 1;
    EXPECT_EQ(outcome.verdict.booking->id, outcomes[0].verdict.booking->id);
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(bookings_of(event), 1);
  EXPECT_EQ(seats_left(event), 499);
}

TEST_F(BookingKeysPgTest, MakeOneBookingOfTriesOnTwoNodes) {
  const Uuid event = given_event(500);
  bookings::BookingDesk other(database.conninfo("application_user"), metrics);
  std::vector<Task<Outcome>> tries;
  for (int n = 0; n < 40; ++n)
    tries.push_back(try_book(n % 2 == 0 ? desk : other, wish(2, event, 1, "key")));
  const auto outcomes = run_together(io, std::move(tries));
  EXPECT_EQ(confirmed(outcomes), 40);
  EXPECT_EQ(bookings_of(event), 1);
}

TEST_F(BookingKeysPgTest, StoreNothingForThoseWhoAreNotLetIn) {
  const Uuid event = given_event(5);
  BookingWish forged = wish(2, event, 1, "key");
  forged.context += "0";
  EXPECT_EQ(book(forged).verdict.refusal.kind, Kind::Denied);
  EXPECT_FALSE(book(wish(2, event, 1, "key")).verdict.replayed);
}

TEST_F(BookingKeysPgTest, StoreNothingOfAFault) {
  const Uuid event = given_event(5);
  BookingWish poison = wish(2, event, 0, "key");
  EXPECT_EQ(book(poison).fault, "23514");
  EXPECT_EQ(number("SELECT count(*) FROM core.idempotency"), 0);
}

TEST_F(BookingKeysPgTest, AreReadBackWhenTheFirstAnswerWasLost) {
  const Uuid event = given_event(5);
  const auto committed = call({wish(2, event, 1, "key")});  // and then the node died
  const auto replayed = book(wish(2, event, 1, "key"));
  EXPECT_TRUE(replayed.verdict.replayed);
  EXPECT_EQ(replayed.verdict.booking->id, committed[0].verdict.booking->id);
}

}  // namespace
}  // namespace evently::testing
