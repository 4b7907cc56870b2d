// Poison, lost connections, locks, two nodes.
#include <thread>

#include "bookings/desk_fixture.hpp"

namespace evently::testing {
namespace {

using bookings::BookingWish;

class DeskFaultsPgTest : public DeskFixture {
 protected:
  DeskFaultsPgTest() { given_people(40); }

  std::vector<BookingWish> wishes_of_all(const Uuid& event) {
    std::vector<BookingWish> wishes;
    for (int n = 1; n <= 40; ++n) wishes.push_back(wish(n, event));
    return wishes;
  }
  /// Keeps an event's seats locked until release().
  void hold(const Uuid& event) {
    holder.script("test.hold", "BEGIN; SELECT FROM core.event_inventory WHERE event_id = '" +
                                   to_string(event) + "' FOR UPDATE");
  }
  void release() { holder.script("test.release", "ROLLBACK"); }
  /// Waits until a batch stands at a lock, then cuts the desk's connections.
  void cut_waiting_desk() {
    constexpr char kWaits[] =
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND usename = 'application_user' AND wait_event_type = 'Lock'";
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (number(kWaits) == 0 && std::chrono::steady_clock::now() < limit)
      std::this_thread::yield();
    superuser.script("test.cut",
                     "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                     " WHERE datname = current_database() AND usename = 'application_user'");
  }

  postgres::SyncConnection holder{database.superuser_conninfo()};
};

TEST_F(DeskFaultsPgTest, IsolatesThePoisonousWish) {
  const Uuid event = given_event(100);
  std::vector<BookingWish> wishes = wishes_of_all(event);
  wishes[17].quantity = 0;  // breaks a CHECK, so the whole batch
  wishes[30].quantity = 0;
  const auto outcomes = book_all(std::move(wishes));
  EXPECT_EQ(confirmed(outcomes), 38);
  EXPECT_EQ(outcomes[17].fault, "23514");
  EXPECT_EQ(outcomes[30].fault, "23514");
  EXPECT_EQ(bookings_of(event), 38);
  EXPECT_NE(metrics.render().find("evently_bookings_batch_poison_total 2"), std::string::npos);
}

TEST_F(DeskFaultsPgTest, KeepsTheOrderOfArrivalAroundPoison) {
  const Uuid event = given_event(1);
  std::vector<BookingWish> wishes = wishes_of_all(event);
  wishes[0].quantity = 0;
  const auto outcomes = book_all(std::move(wishes));
  EXPECT_TRUE(outcomes[1].confirmed());
  EXPECT_EQ(refused(outcomes, Kind::SoldOut), 38);
}

TEST_F(DeskFaultsPgTest, BooksOnceWhenTheConnectionDiesUnderABatch) {
  const Uuid event = given_event(25);
  hold(event);
  std::thread cutter([this] {
    cut_waiting_desk();
    release();
  });
  const auto outcomes = book_all(wishes_of_all(event));
  cutter.join();
  EXPECT_EQ(confirmed(outcomes), 25);
  EXPECT_EQ(refused(outcomes, Kind::SoldOut), 15);
  EXPECT_EQ(bookings_of(event), 25);
  EXPECT_EQ(seats_left(event), 0);
}

TEST_F(DeskFaultsPgTest, AnswersABookingThatExistsWhenItsAnswerWasLost) {
  const Uuid event = given_event(25);
  std::vector<BookingWish> wishes = wishes_of_all(event);
  wishes[3].key = "key";
  for (BookingWish& one : wishes) {
    one.booking_id = make_uuid_v7();
    one.reference = bookings::make_reference();
  }
  const auto first = call(wishes);
  const auto second = call(wishes, true);
  for (std::size_t i = 0; i < first.size(); ++i) {
    ASSERT_EQ(first[i].fault, nullptr);
    ASSERT_EQ(second[i].fault, nullptr);
    ASSERT_EQ(first[i].verdict.booking.has_value(), second[i].verdict.booking.has_value());
    if (!first[i].verdict.booking) continue;
    EXPECT_EQ(second[i].verdict.booking->id, first[i].verdict.booking->id);
    EXPECT_EQ(second[i].verdict.booking->reference, first[i].verdict.booking->reference);
    EXPECT_FALSE(second[i].verdict.replayed);  // its own answer, come late
  }
  EXPECT_EQ(bookings_of(event), 25);
  EXPECT_EQ(seats_left(event), 0);
}

TEST_F(DeskFaultsPgTest, RefusesTheSameIdsAgainWhenNothingWasLost) {
  const Uuid event = given_event(25);
  BookingWish one = wish(2, event);
  one.booking_id = make_uuid_v7();
  one.reference = bookings::make_reference();
  call({one});
  EXPECT_THROW(call({one}), postgres::QueryError);
  EXPECT_EQ(bookings_of(event), 1);
}

TEST_F(DeskFaultsPgTest, ShowsNobodyElsesBookingByItsId) {
  const Uuid event = given_event(25);
  BookingWish mine = wish(2, event);
  mine.booking_id = make_uuid_v7();
  mine.reference = bookings::make_reference();
  call({mine});
  BookingWish theirs = mine;
  theirs.context = context_of(3);
  EXPECT_THROW(call({theirs}, true), postgres::QueryError);
}

TEST_F(DeskFaultsPgTest, AnswersAtTheDeadlineWhenTheSeatsAreLocked) {
  const Uuid event = given_event(25);
  hold(event);
  BookingWish hasty = wish(2, event);
  hasty.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_NE(book(hasty).fault, "");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  release();
  EXPECT_TRUE(book(wish(2, event)).confirmed());
}

TEST_F(DeskFaultsPgTest, FailsAtOnceWhenNoServerIsThere) {
  bookings::BookingDesk lonely("host='/nonexistent' dbname='nothing'", metrics);
  const auto began = std::chrono::steady_clock::now();
  const auto outcome = run_task(io, try_book(lonely, wish(2, make_uuid_v7())));
  EXPECT_EQ(outcome.fault, "lost");
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

TEST_F(DeskFaultsPgTest, SellsExactlyTheSeatsOfManyEventsFromTwoNodes) {
  std::vector<Uuid> events;
  for (int n = 0; n < 10; ++n) events.push_back(given_event(12));
  bookings::BookingDesk other(database.conninfo("application_user"), metrics);
  std::vector<Task<Outcome>> tries;
  for (int n = 0; n < 800; ++n) {
    const std::string key = n % 2 == 0 ? "key-" + std::to_string(n) : "";
    tries.push_back(
        try_book(n % 3 == 0 ? desk : other,
                 wish(n % 40 + 1, events[static_cast<std::size_t>(n * 7 % 10)], 1, key)));
  }
  const auto outcomes = run_together(io, std::move(tries));
  EXPECT_EQ(confirmed(outcomes), 120);
  EXPECT_EQ(number("SELECT sum(available) FROM core.event_inventory"), 0);
  for (const Outcome& outcome : outcomes) EXPECT_EQ(outcome.fault, "");
}

}  // namespace
}  // namespace evently::testing
