// Each check is shown to fail on a database that was corrupted by hand, and to name the fault.
#include <gmock/gmock.h>

#include <sstream>

#include "bookings/bench_prepare.hpp"
#include "bookings/booking_verify.hpp"
#include "bookings/desk_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;

class BookingVerifyPgTest : public DeskFixture {
 protected:
  BookingVerifyPgTest() {
    given_people(3);
    event = given_event(20);
    kept = book(wish(2, event, 2, "key")).verdict.booking->id;
    gone = book(wish(3, event, 1)).verdict.booking->id;
    cancel(3, gone);
  }

  /// "name: first fault" of every check that failed.
  std::vector<std::string> faults() {
    postgres::SyncConnection connection(database.conninfo("application_operator"));
    std::vector<std::string> found;
    for (const bookings::Check& check : bookings::verify_books(connection)) {
      if (check.faults > 0) found.push_back(check.name + ": " + check.first);
    }
    return found;
  }
  /// What the one check says that fails after a corruption nobody's trigger or constraint saw.
  std::string fault_after(const std::string& corruption) {
    arrange("SET session_replication_role = replica; " + corruption +
            "; SET session_replication_role = DEFAULT");
    const auto found = faults();
    EXPECT_EQ(found.size(), 1U) << ::testing::PrintToString(found);
    return found.empty() ? "" : found.front();
  }
  /// All that is said after it, a line each.
  std::string all_after(const std::string& corruption) {
    arrange("SET session_replication_role = replica; " + corruption +
            "; SET session_replication_role = DEFAULT");
    std::string all;
    for (const std::string& fault : faults()) all += fault + "\n";
    return all;
  }
  std::string the(const Uuid& booking) const { return " WHERE id = '" + to_string(booking) + "'"; }

  Uuid event, kept, gone;
};

TEST_F(BookingVerifyPgTest, FindsNothingInHonestBooks) {
  EXPECT_THAT(faults(), ::testing::IsEmpty());
}

TEST_F(BookingVerifyPgTest, FindsASeatTooMany) {
  EXPECT_THAT(fault_after("UPDATE core.event_inventory SET available = available + 1"),
              HasSubstr("event " + to_string(event) + ": capacity 20, live seats 2, available 19"));
}

TEST_F(BookingVerifyPgTest, FindsAnEventWithoutSeats) {
  const Uuid empty = given_event(5);
  EXPECT_THAT(
      fault_after("DELETE FROM core.event_inventory WHERE event_id = '" + to_string(empty) + "'"),
      HasSubstr(to_string(empty)));
}

TEST_F(BookingVerifyPgTest, FindsSomebodyOverTheLimit) {
  EXPECT_THAT(all_after("UPDATE core.events SET max_per_user = 1"),
              HasSubstr("user " + to_string(person(2)) + " holds 2 seats"));
}

TEST_F(BookingVerifyPgTest, AcceptsALimitThatWasLoweredAfterwards) {
  arrange("UPDATE core.events SET max_per_user = 1");
  EXPECT_THAT(faults(), ::testing::IsEmpty());
}

TEST_F(BookingVerifyPgTest, FindsABookingOfNobody) {
  EXPECT_THAT(all_after("DELETE FROM core.users" + the(person(2))), HasSubstr(to_string(kept)));
}

TEST_F(BookingVerifyPgTest, FindsANegativeAmount) {
  EXPECT_THAT(all_after("UPDATE core.bookings SET total_amount = -1" + the(kept)),
              HasSubstr(to_string(kept)));
}

TEST_F(BookingVerifyPgTest, FindsAReferenceWithAWrongCheckSymbol) {
  const std::string change =
      "translate(right(booking_reference, 1), '23456789ABCDEFGHJKLMNPQRSTUVWXYZ', "
      "'3456789ABCDEFGHJKLMNPQRSTUVWXYZ2')";
  arrange(
      "SET session_replication_role = replica; UPDATE core.bookings SET booking_reference = "
      "left(booking_reference, 14) || " +
      change + the(kept) + "; SET session_replication_role = DEFAULT");
  const auto found = faults();  // the audit row remembers the right one
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0], HasSubstr("booking " + to_string(kept) + " has a malformed reference"));
}

TEST_F(BookingVerifyPgTest, FindsAReferenceUsedTwice) {
  arrange(
      "ALTER TABLE core.bookings DROP CONSTRAINT bookings_reference_is_unique; SET "
      "session_replication_role = replica;"
      "UPDATE core.bookings SET booking_reference = (SELECT booking_reference FROM core.bookings" +
      the(gone) + ")" + the(kept) + "; SET session_replication_role = DEFAULT");
  EXPECT_THAT(faults(), ::testing::Contains(HasSubstr("2 bookings share the reference EV-")));
}

TEST_F(BookingVerifyPgTest, FindsAnotherQuantityThanTheAuditTold) {
  arrange("SET session_replication_role = replica; UPDATE core.bookings SET quantity = 3" +
          the(kept) +
          "; UPDATE core.event_inventory SET available = available - 1; SET "
          "session_replication_role = DEFAULT");
  const auto found = faults();
  ASSERT_EQ(found.size(), 2U);  // nor is the amount right now
  EXPECT_THAT(found[0],
              HasSubstr("booking " + to_string(kept) + ": quantity is 3, its audit rows say 2"));
}

TEST_F(BookingVerifyPgTest, FindsABookingGivenToSomebodyElse) {
  EXPECT_THAT(
      fault_after("UPDATE core.bookings SET user_id = '" + to_string(person(1)) + "'" + the(kept)),
      HasSubstr("booking " + to_string(kept) + ": user_id is " + to_string(person(1)) +
                ", its audit rows say " + to_string(person(2))));
}

TEST_F(BookingVerifyPgTest, FindsABookingMovedToAnotherEvent) {
  const Uuid other = given_event(20);
  EXPECT_THAT(all_after("UPDATE core.bookings SET event_id = '" + to_string(other) + "'" +
                        the(kept) + "; UPDATE core.event_inventory SET available = 38 - available"),
              HasSubstr("booking " + to_string(kept) + ": event_id is " + to_string(other)));
}

TEST_F(BookingVerifyPgTest, FindsAnotherAmountAndAnotherStatus) {
  EXPECT_THAT(all_after("UPDATE core.bookings SET total_amount = total_amount + 1" + the(kept)),
              HasSubstr("booking " + to_string(kept) + ": total_amount is "));
  EXPECT_THAT(all_after("UPDATE core.bookings SET total_amount = total_amount - 1" + the(kept)),
              "");
  EXPECT_THAT(
      fault_after("UPDATE core.bookings SET status = 'expired', cancelled_at = NULL" + the(gone)),
      HasSubstr("booking " + to_string(gone) + ": cancelled_at is nothing, its audit rows"));
}

TEST_F(BookingVerifyPgTest, FindsAnAmountThatTheSeatsNeverCost) {
  arrange("UPDATE core.events SET price = 7");
  EXPECT_THAT(faults(), ::testing::IsEmpty());  // booked before it was
  arrange("UPDATE core.bookings SET total_amount = 14" + the(kept));
  EXPECT_THAT(faults(), ::testing::IsEmpty());
  arrange("UPDATE core.bookings SET total_amount = 15" + the(kept));
  EXPECT_THAT(faults(), ::testing::ElementsAre(HasSubstr("booking " + to_string(kept) +
                                                         ": 2 seats for 15.00, which the")));
}

TEST_F(BookingVerifyPgTest, FindsSeatsThatWereMadeByHand) {
  EXPECT_THAT(
      fault_after("UPDATE core.event_inventory SET available = available + 5, capacity = "
                  "capacity + 5"),
      HasSubstr("seats of event " + to_string(event) + ": capacity is 25, its audit rows say 20"));
}

TEST_F(BookingVerifyPgTest, FindsAnEventChangedByHand) {
  EXPECT_THAT(fault_after("UPDATE core.events SET name = 'Other'"),
              HasSubstr("event " + to_string(event) + ": name is Other, its audit rows say "));
}

TEST_F(BookingVerifyPgTest, FindsAnEventWithAnotherPrice) {
  EXPECT_THAT(fault_after("UPDATE core.events SET price = 99"),
              HasSubstr("event " + to_string(event) + ": price is 99.00, its audit rows say "));
}

TEST_F(BookingVerifyPgTest, FindsSomebodyMadeAdministratorByHand) {
  EXPECT_THAT(
      fault_after("UPDATE core.users SET role = 'admin'" + the(person(3))),
      HasSubstr("user " + to_string(person(3)) + ": role is admin, its audit rows say user"));
}

TEST_F(BookingVerifyPgTest, FindsSomebodyLetInAgainByHand) {
  arrange("UPDATE core.users SET is_active = false" + the(person(3)));
  EXPECT_THAT(faults(), ::testing::IsEmpty());
  EXPECT_THAT(fault_after("UPDATE core.users SET is_active = true" + the(person(3))),
              HasSubstr("is_active is true, its audit rows say false"));
}

TEST_F(BookingVerifyPgTest, AcceptsChangesFromAnotherTimeZone) {
  arrange(
      "SET timezone = 'Asia/Tokyo'; UPDATE core.events SET ends_at = event_date + interval '1 "
      "hour', sale_ends_at = event_date; SET timezone = 'UTC'");
  EXPECT_THAT(faults(), ::testing::IsEmpty());
}

TEST_F(BookingVerifyPgTest, FindsAnAuditRowThatWasSpoiled) {
  const std::string spoilt = all_after(
      "UPDATE aud.event SET changes = jsonb_set(jsonb_set(changes, '{created_at,1}',"
      " '\"last week\"'), '{price,1}', '\"much\"', false)");
  EXPECT_THAT(spoilt, HasSubstr("created_at is 2"));
  EXPECT_THAT(spoilt, HasSubstr("its audit rows say last week"));
  EXPECT_THAT(spoilt, HasSubstr("2 seats for 25.00, which the event never cost"));
}

TEST_F(BookingVerifyPgTest, FindsABookingWithoutItsAuditRow) {
  EXPECT_THAT(
      fault_after("DELETE FROM aud.event WHERE action = 'core.bookings.insert' AND object_id = '" +
                  to_string(kept) + "'"),
      HasSubstr("booking " + to_string(kept) + " has 0 audit rows"));
}

TEST_F(BookingVerifyPgTest, FindsACancellationWithoutItsAuditRow) {
  EXPECT_THAT(all_after("DELETE FROM aud.event WHERE action = 'core.bookings.update'"),
              HasSubstr(to_string(gone)));
}

TEST_F(BookingVerifyPgTest, FindsAnAuditedBookingThatIsGone) {
  EXPECT_THAT(fault_after("DELETE FROM core.bookings" + the(gone)),
              HasSubstr("booking " + to_string(gone) + ", which is not there"));
}

TEST_F(BookingVerifyPgTest, FindsAPersonWithoutAnAuditRow) {
  EXPECT_THAT(
      fault_after("DELETE FROM aud.event WHERE action = 'core.users.insert' AND object_id = '" +
                  to_string(person(1)) + "'"),
      HasSubstr(to_string(person(1))));
}

TEST_F(BookingVerifyPgTest, FindsAKeyThatLeadsNowhere) {
  EXPECT_THAT(fault_after("UPDATE core.idempotency SET object_id = gen_random_uuid()"),
              HasSubstr("idempotency key of user " + to_string(person(2))));
}

class BenchPreparePgTest : public DeskFixture {
 protected:
  std::optional<std::string> prepare(const bookings::BenchPlan& plan) {
    postgres::SyncConnection connection(database.conninfo("application_operator"));
    lines.str("");
    return bookings::prepare_bench(connection, tokens, plan, lines);
  }
  std::int64_t faults() {
    postgres::SyncConnection connection(database.conninfo("application_operator"));
    std::int64_t sum = 0;
    for (const bookings::Check& check : bookings::verify_books(connection)) sum += check.faults;
    return sum;
  }

  crypto::TokenKeys tokens{crypto::ring_of(std::string(32, 't'))};
  std::stringstream lines;
};

TEST_F(BenchPreparePgTest, MakesPeopleWhoCanBook) {
  ASSERT_EQ(prepare({7, 2, 100, 0}), std::nullopt);
  std::string id;
  std::string token;
  int people = 0;
  while (lines >> id >> token) {
    ++people;
    const auto claims = tokens.verify(token, clock.now());
    ASSERT_TRUE(claims);
    EXPECT_EQ(to_string(claims->user_id), id);
    const Uuid event =
        superuser.run({"test.event", "SELECT id FROM core.events LIMIT 1"})[0].get<Uuid>("id");
    bookings::BookingWish wanted = wish(1, event, 10);
    wanted.context = signer.sign({claims->user_id, claims->jti, "request-of-test", "192.0.2.7"});
    EXPECT_TRUE(book(wanted).confirmed());
  }
  EXPECT_EQ(people, 7);
  EXPECT_EQ(number("SELECT count(*) FROM core.event_inventory WHERE capacity = 100"), 2);
}

TEST_F(BenchPreparePgTest, FillsTheFirstEventWithoutTakingItsSeats) {
  ASSERT_EQ(prepare({3, 2, 100, 12'345}), std::nullopt);
  EXPECT_EQ(number("SELECT count(*) FROM core.bookings"), 12'345);
  EXPECT_EQ(number("SELECT count(DISTINCT event_id) FROM core.bookings"), 1);
  EXPECT_EQ(number("SELECT min(available) FROM core.event_inventory"), 100);
  EXPECT_LE(number("SELECT max(n) FROM (SELECT count(*) n FROM core.bookings GROUP BY user_id) x"),
            10);
  EXPECT_EQ(faults(), 0);
}

TEST_F(BenchPreparePgTest, AddsMoreToADatabaseItPreparedBefore) {
  ASSERT_EQ(prepare({3, 1, 100, 0}), std::nullopt);
  ASSERT_EQ(prepare({3, 1, 100, 0}), std::nullopt);
  EXPECT_EQ(number("SELECT count(*) FROM core.users"), 6);
}

TEST_F(BenchPreparePgTest, RefusesADatabaseThatHoldsAnybodyElse) {
  given_people(2);
  EXPECT_THAT(prepare({3, 1, 100, 0}).value_or(""), HasSubstr("holds 2 other people"));
  EXPECT_EQ(number("SELECT count(*) FROM core.users"), 2);
}

TEST_F(BenchPreparePgTest, RefusesMoreSeatsThanAnEventMayHave) {
  EXPECT_NE(prepare({0, 1, 9'000'000, 2'000'000}), std::nullopt);
}

}  // namespace
}  // namespace evently::testing
