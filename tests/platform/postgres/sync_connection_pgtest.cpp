#include <gmock/gmock.h>

#include "platform/postgres/sync_connection.hpp"
#include "support/pool_fixture.hpp"

namespace evently::postgres {
namespace {

using ::testing::HasSubstr;
using testing::pool_cluster_conninfo;
using testing::PoolPgTest;

constexpr Statement kOne{"test.one", "SELECT 1 AS one"};
constexpr Statement kMark{"test.mark", "INSERT INTO marks (id, size) VALUES ($1, $2)"};
constexpr Statement kCopy{"test.copy", "COPY marks (id, size) FROM STDIN"};

class SyncConnectionPgTest : public PoolPgTest {
 protected:
  /// Copies `count` rows, each of this size.
  void copy(int count, int size) {
    int id = 0;
    connection_.copy_in(kCopy, [&]() -> std::optional<std::string> {
      if (id == count) return std::nullopt;
      return std::to_string(++id) + "\t" + std::to_string(size);
    });
  }

  SyncConnection connection_{pool_cluster_conninfo()};
};

TEST_F(SyncConnectionPgTest, RunsAStatementWithItsValues) {
  constexpr Statement kEcho{"test.echo", "SELECT $1::text AS text, $2::integer AS nothing"};
  const Rows rows = connection_.run(kEcho, parameters("a 'quoted' one", std::optional<int>{}));
  EXPECT_EQ(rows[0].get<std::string>("text"), "a 'quoted' one");
  EXPECT_TRUE(rows[0].is_null("nothing"));
}

TEST_F(SyncConnectionPgTest, NamesStatementStateAndConstraintOfAnError) {
  const QueryError error = query_error_of([&] { connection_.run(kMark, parameters(1, 0)); });
  EXPECT_EQ(error.statement, "test.mark");
  EXPECT_EQ(error.state, "23514");
  EXPECT_EQ(error.constraint, "marks_have_a_size");
}

TEST_F(SyncConnectionPgTest, RollsBackAWholeScriptWhenItFails) {
  const std::string script = "INSERT INTO marks (id) VALUES (1); SELECT 1 / 0;";
  EXPECT_EQ(query_error_of([&] { connection_.script("test.script", script); }).state, "22012");
  EXPECT_EQ(marks(), 0);
}

TEST_F(SyncConnectionPgTest, CopiesManyRows) {
  copy(10'000, 1);
  EXPECT_EQ(marks(), 10'000);
}

TEST_F(SyncConnectionPgTest, CopiesNothingWhenARowIsRefusedAndServesOn) {
  EXPECT_EQ(query_error_of([&] { copy(100, 0); }).constraint, "marks_have_a_size");
  EXPECT_EQ(marks(), 0);
  EXPECT_EQ(connection_.run(kOne).size(), 1);
}

TEST_F(SyncConnectionPgTest, CopiesNothingWhenTheSourceOfLinesFails) {
  int lines = 0;
  const auto fail_at_third = [&]() -> std::optional<std::string> {
    if (++lines == 3) throw std::runtime_error("no more paper");
    return std::to_string(lines) + "\t1";
  };
  EXPECT_THROW(connection_.copy_in(kCopy, fail_at_third), std::runtime_error);
  EXPECT_EQ(connection_.run(kOne).size(), 1);
  EXPECT_EQ(marks(), 0);
}

TEST_F(SyncConnectionPgTest, RefusesAValueWithANulRatherThanCuttingIt) {
  constexpr Statement kEcho{"test.echo", "SELECT $1::text AS text"};
  const Parameters values = parameters(std::string("a\0b", 3));
  EXPECT_EQ(query_error_of([&] { connection_.run(kEcho, values); }).state, "22021");
}

TEST_F(SyncConnectionPgTest, SaysThatNothingWasSentWhenThereIsNoServer) {
  const auto lost = fault_of<ConnectionLost>([] { SyncConnection("host=/nonexistent dbname=x"); });
  EXPECT_FALSE(lost.sent);
  EXPECT_FALSE(can_connect("host=/nonexistent dbname=x"));
}

TEST_F(SyncConnectionPgTest, SaysThatTheServerHungUp) {
  constexpr Statement kSuicide{"test.suicide", "SELECT pg_terminate_backend(pg_backend_pid())"};
  fault_of<ConnectionLost>([&] {
    connection_.run(kSuicide);
    connection_.run(kOne);
  });
}

TEST_F(SyncConnectionPgTest, KeepsNoticesOffStderr) {
  ::testing::internal::CaptureStderr();
  connection_.script("test.notice", "DROP TABLE IF EXISTS never_was; SELECT 1");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST_F(SyncConnectionPgTest, SetsAPasswordThatThenOpensTheDoor) {
  connection_.script("test.role", "DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN");
  const std::string password = "it's a \\ \"secret\"";
  connection_.set_password("guest", password);
  constexpr Statement kWho{"test.who", "SELECT current_user::text AS who"};
  SyncConnection guest(conninfo_for_role(pool_cluster_conninfo(), "guest", password));
  EXPECT_EQ(guest.run(kWho)[0].get<std::string>("who"), "guest");
  EXPECT_FALSE(can_connect(conninfo_for_role(pool_cluster_conninfo(), "guest", "wrong")));
}

TEST_F(SyncConnectionPgTest, RefusesAConnectionStringThatIsNone) {
  const auto lost =
      fault_of<ConnectionLost>([] { conninfo_for_role("postgres://[", "guest", "x"); });
  EXPECT_THAT(lost.what(), HasSubstr("not a PostgreSQL connection string"));
}

}  // namespace
}  // namespace evently::postgres
