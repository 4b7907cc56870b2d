#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <string>
#include <vector>

#include "bookings/booking_desk.hpp"
#include "bookings/booking_statements.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/signed_context.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"
#include "support/run_task.hpp"

namespace evently::testing {

/// What one try came to: a verdict, or the fault's kind.
struct Outcome {
  bookings::BookingVerdict verdict;
  std::string fault;  ///< SQLSTATE, "lost", "exhausted", or empty

  bool confirmed() const { return fault.empty() && verdict.booking.has_value(); }
};

/// A desk on a database of its own. Person n (from 1) has user id …00n and a live session of the
/// same id; person 1 is an administrator.
class DeskFixture : public ::testing::Test {
 protected:
  using Kind = bookings::BookingRefusal::Kind;

  static Uuid person(int n);
  std::string context_of(int n, const std::string& request_id = "request-of-test");
  void given_people(int count);
  /// An event on sale; `more` is laid over its row: "max_per_user = 2".
  Uuid given_event(int seats, const std::string& more = "");
  bookings::BookingWish wish(int n, const Uuid& event, int quantity = 1,
                             const std::string& key = "");

  Task<Outcome> try_book(bookings::BookingDesk& desk, bookings::BookingWish wish);
  Outcome book(bookings::BookingWish wish);
  std::vector<Outcome> book_all(std::vector<bookings::BookingWish> wishes);
  bookings::BookingVerdict cancel(int n, const Uuid& booking);
  /// One call of core.book, past the desk.
  std::vector<bookings::Answer<bookings::BookingVerdict>> call(
      std::vector<bookings::BookingWish> wishes, bool again = false);

  void arrange(const std::string& sql) { superuser.script("test.arrange", sql); }
  /// The one number a query gives.
  std::int64_t number(const std::string& sql);
  std::int64_t seats_left(const Uuid& event);
  std::int64_t bookings_of(const Uuid& event);

  static int confirmed(const std::vector<Outcome>& outcomes);
  static int refused(const std::vector<Outcome>& outcomes, Kind kind);

  boost::asio::io_context io;
  MigratedDatabase database;
  postgres::SyncConnection superuser{database.superuser_conninfo()};
  SystemClock clock;
  postgres::ContextSigner signer{1, MigratedDatabase::context_key(), clock};
  observability::Metrics metrics;
  bookings::BookingDesk desk{database.conninfo("application_user"), metrics};
};

}  // namespace evently::testing
