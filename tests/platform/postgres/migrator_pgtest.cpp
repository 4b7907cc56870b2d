#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/migrator.hpp"
#include "support/external_cluster.hpp"
#include "support/refusal_of.hpp"

namespace evently::postgres {
namespace {

using testing::ExternalCluster;
using ::testing::HasSubstr;
using testing::refusal_of;

constexpr Migration kFirst{"0001_first.sql", "CREATE TABLE first (n int);"};
constexpr Migration kSecond{"0002_second.sql", "CREATE TABLE second (n int); SELECT 1"};
constexpr Migration kThird{"0003_third.sql", "CREATE TABLE third (n int)"};
constexpr Migration kBroken{"0002_broken.sql", "CREATE TABLE half (n int); SELECT no_such_thing"};

constexpr Statement kTables{
    "test.tables", "SELECT count(*)::integer AS n FROM pg_tables WHERE schemaname = 'public'"};

class MigratorPgTest : public ::testing::Test {
 protected:
  MigratorPgTest() {
    static std::atomic<int> made{0};
    database_ = "migrated_" + std::to_string(made++);
    SyncConnection(ExternalCluster::shared().superuser_url())
        .script("test.create", "CREATE DATABASE " + database_);
  }

  int apply(const std::vector<Migration>& migrations) const {
    SyncConnection connection(ExternalCluster::shared().superuser_url(database_));
    return migrate(connection, migrations);
  }
  std::string refusal(const std::vector<Migration>& migrations) const {
    return refusal_of([&] { apply(migrations); });
  }
  int tables() const {
    SyncConnection connection(ExternalCluster::shared().superuser_url(database_));
    return connection.run(kTables)[0].get<std::int32_t>("n");
  }

 private:
  std::string database_;
};

TEST_F(MigratorPgTest, AppliesOnlyWhatIsNew) {
  EXPECT_EQ(apply({kFirst}), 1);
  EXPECT_EQ(apply({kFirst, kSecond, kThird}), 2);
  EXPECT_EQ(apply({kFirst, kSecond, kThird}), 0);
  EXPECT_EQ(tables(), 3);
}

TEST_F(MigratorPgTest, LeavesNothingOfAFileThatFails) {
  EXPECT_THROW(apply({kFirst, kBroken}), QueryError);
  EXPECT_EQ(tables(), 1);
  EXPECT_EQ(apply({kFirst, kSecond}), 1);
}

TEST_F(MigratorPgTest, NamesTheFileThatWasEdited) {
  apply({kFirst, kSecond});
  const Migration edited{kFirst.name, "CREATE TABLE first (n bigint);"};
  EXPECT_THAT(refusal({edited, kSecond}), HasSubstr("0001_first.sql was edited"));
}

TEST_F(MigratorPgTest, RefusesADatabaseThatIsNewer) {
  apply({kFirst, kSecond});
  EXPECT_THAT(refusal({kFirst}), HasSubstr("0002_second.sql, which this program does not know"));
}

TEST_F(MigratorPgTest, RefusesAFileThatWasPassedOver) {
  apply({kFirst, kThird});
  EXPECT_THAT(refusal({kFirst, kSecond, kThird}), HasSubstr("0002_second.sql is not applied"));
  EXPECT_EQ(tables(), 2);
}

TEST_F(MigratorPgTest, AppliesOnceWhenTwoProgramsStartTogether) {
  std::atomic<int> applied{0};
  const auto start = [&] { applied += apply({kFirst, kSecond, kThird}); };
  std::thread other(start);
  start();
  other.join();
  EXPECT_EQ(applied, 3);
}

}  // namespace
}  // namespace evently::postgres
