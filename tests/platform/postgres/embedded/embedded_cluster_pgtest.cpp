#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>

#include "platform/postgres/embedded/cluster_process.hpp"
#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/eventually.hpp"
#include "support/refusal_of.hpp"
#include "support/scratch_folder.hpp"

namespace evently::postgres {
namespace {

using testing::eventually;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_text;
using testing::refusal_of;
using testing::ScratchFolder;
using testing::write_text;
namespace fs = std::filesystem;

constexpr char kPassword[] = "0123456789abcdef";
constexpr std::chrono::seconds kPatience{60};
constexpr Statement kCount{"test.count", "SELECT count(*)::integer AS n FROM kept"};
constexpr Statement kListens{"test.listens", "SHOW listen_addresses"};

pid_t postmaster(const fs::path& data_dir) {
  return std::atoi(read_text(data_dir / "postgres/postmaster.pid").c_str());
}

/// A cluster that holds one committed row.
void keep_a_row(const EmbeddedCluster& cluster) {
  SyncConnection(cluster.conninfo()).script("test.keep", "CREATE TABLE kept AS SELECT 1 AS one");
}

std::int32_t rows_kept(const EmbeddedCluster& cluster) {
  SyncConnection connection(cluster.conninfo());
  return connection.run(kCount)[0].get<std::int32_t>("n");
}

class EmbeddedClusterPgTest : public ::testing::Test {
 protected:
  fs::path data_dir() const { return folder_ / "data"; }
  ClusterOptions options() const { return {data_dir(), kPassword}; }
  std::string refusal() const {
    return refusal_of([&] { EmbeddedCluster cluster(options()); });
  }

 private:
  ScratchFolder folder_;
};

TEST_F(EmbeddedClusterPgTest, KeepsItsRowsOverARestart) {
  {
    keep_a_row(EmbeddedCluster(options()));
  }
  EXPECT_EQ(rows_kept(EmbeddedCluster(options())), 1);
}

TEST_F(EmbeddedClusterPgTest, StopsItsServerWithTheObject) {
  {
    EmbeddedCluster cluster(options());
  }
  EXPECT_FALSE(fs::exists(data_dir() / "postgres/postmaster.pid"));
  EXPECT_EQ(EmbeddedCluster::running_conninfo(options()), "");
}

TEST_F(EmbeddedClusterPgTest, ServesAgainAfterKillOfPostgres) {
  EmbeddedCluster cluster(options());
  keep_a_row(cluster);
  ::kill(postmaster(data_dir()), SIGKILL);
  ASSERT_TRUE(eventually([&] { return cluster.restarts() > 0; }, kPatience));
  ASSERT_TRUE(eventually([&] { return can_connect(cluster.conninfo()); }, kPatience));
  EXPECT_EQ(rows_kept(cluster), 1);
}

TEST_F(EmbeddedClusterPgTest, IsReachedByAnotherCommandWhileItRuns) {
  EmbeddedCluster cluster(options());
  EXPECT_TRUE(can_connect(EmbeddedCluster::running_conninfo(options())));
}

TEST_F(EmbeddedClusterPgTest, OpensToThePasswordOnlyAndToNoNetwork) {
  EmbeddedCluster cluster(options());
  const auto stranger = conninfo_for_role(cluster.conninfo(), "evently_superuser", "guess");
  EXPECT_FALSE(can_connect(stranger));
  SyncConnection connection(cluster.conninfo());
  EXPECT_EQ(connection.run(kListens)[0].get<std::string>("listen_addresses"), "");
}

TEST_F(EmbeddedClusterPgTest, RefusesASecondProgramNamingTheFirst) {
  EmbeddedCluster cluster(options());
  EXPECT_THAT(refusal(), HasSubstr("in use by evently, pid " + std::to_string(::getpid())));
}

TEST_F(EmbeddedClusterPgTest, LetsGoOfTheFolderWhenItsStartIsRefused) {
  write_text(data_dir() / "evently-data-dir", "ours\n");
  write_text(data_dir() / "postgres/PG_VERSION", "15\n");
  EXPECT_THAT(refusal(), HasSubstr("not a cluster that Evently made"));
  fs::remove_all(data_dir() / "postgres");
  EXPECT_EQ(refusal(), "");
}

TEST_F(EmbeddedClusterPgTest, RefusesAFolderThatIsNotOursAndLeavesItAlone) {
  write_text(data_dir() / "thesis.tex", "years of work");
  EXPECT_THAT(refusal(), HasSubstr("not empty and not made by Evently"));
  EXPECT_EQ(std::distance(fs::directory_iterator(data_dir()), {}), 1);
}

TEST_F(EmbeddedClusterPgTest, RedoesAnInitdbThatWasCutOff) {
  write_text(data_dir() / "evently-data-dir", "ours\n");
  write_text(data_dir() / "run/initdb/PG_VERSION", "15\n");
  give_to_server(data_dir() / "run");
  fs::permissions(data_dir() / "run", fs::perms::owner_all);
  EXPECT_EQ(refusal(), "");
  EXPECT_FALSE(fs::exists(data_dir() / "run/initdb"));
}

TEST_F(EmbeddedClusterPgTest, SaysHowToInstallPostgresWhenItIsMissing) {
  const std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nonexistent", 1);
  ClusterOptions bare = options();
  bare.versions_dir = "/nonexistent";
  EXPECT_THAT(refusal_of([&] { EmbeddedCluster cluster(bare); }),
              HasSubstr("apt-get install postgresql, or pass --database-url"));
  ::setenv("PATH", path.c_str(), 1);
}

TEST_F(EmbeddedClusterPgTest, NamesTheVersionItsDataNeeds) {
  {
    EmbeddedCluster cluster(options());
  }
  write_text(data_dir() / "postgres/PG_VERSION", "14\n");
  EXPECT_THAT(refusal(), HasSubstr("apt-get install postgresql-14"));
}

TEST_F(EmbeddedClusterPgTest, SaysWhatPostgresSaidWhenItDoesNotStart) {
  {
    EmbeddedCluster cluster(options());
  }
  std::ofstream(data_dir() / "postgres/postgresql.conf", std::ios::app) << "port = 'x'\n";
  EXPECT_THAT(refusal(), HasSubstr("configuration file"));
}

TEST_F(EmbeddedClusterPgTest, AsksForTheSecretsWhenThePasswordIsAnother) {
  {
    EmbeddedCluster cluster(options());
  }
  EXPECT_THAT(refusal_of([&] { EmbeddedCluster cluster({data_dir(), "another"}); }),
              HasSubstr("restore"));
}

TEST_F(EmbeddedClusterPgTest, RefusesAFolderTheServersUserCannotReach) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root starts the server as somebody else";
  const fs::path locked = data_dir() / "locked";
  fs::create_directories(locked);
  fs::permissions(locked, fs::perms::owner_all);
  EXPECT_THAT(refusal_of([&] { EmbeddedCluster cluster({locked / "data", kPassword}); }),
              HasSubstr("the user postgres cannot pass"));
}

TEST_F(EmbeddedClusterPgTest, PutsTheSocketElsewhereWhenThePathIsTooLong) {
  const ClusterOptions deep{data_dir() / std::string(120, 'x'), kPassword};
  EmbeddedCluster cluster(deep);
  EXPECT_TRUE(can_connect(EmbeddedCluster::running_conninfo(deep)));
}

TEST_F(EmbeddedClusterPgTest, WritesNobodysDataToTheServersLog) {
  EmbeddedCluster cluster(options());
  SyncConnection connection(cluster.conninfo());
  connection.script("test.table",
                    "CREATE TABLE people (email text PRIMARY KEY, age int CHECK (age > 0))");
  for (const char* sql :
       {"INSERT INTO people VALUES ('canary', 1), ('canary', 2)",
        "INSERT INTO people VALUES ('canary', -1)", "SELECT 'canary'::uuid",
        "DO $$ BEGIN RAISE WARNING 'canary'; END $$; SELECT canary FROM people"}) {
    EXPECT_THROW(connection.script("test.provoke", sql), QueryError);
  }
  EXPECT_THAT(read_text(data_dir() / "postgres.log"), Not(HasSubstr("canary")));
}

TEST_F(EmbeddedClusterPgTest, StopsAServerThatLostItsProgram) {
  {
    EmbeddedCluster cluster(options());
  }
  const auto binaries = find_binaries("/usr/lib/postgresql", 0);
  const pid_t orphan = spawn_as_server({*binaries / "postgres", "-D", data_dir() / "postgres"}, 0,
                                       data_dir() / "orphan.log");
  ASSERT_TRUE(
      eventually([&] { return EmbeddedCluster::running_conninfo(options()) != ""; }, kPatience));
  EmbeddedCluster cluster(options());
  EXPECT_EQ(::waitpid(orphan, nullptr, WNOHANG), orphan);
  EXPECT_NE(postmaster(data_dir()), orphan);
}

/// Not a test: the program that the next test starts and kills.
TEST(ClusterHolder, DISABLED_HoldsUntilKilled) {
  const char* data_dir = ::getenv("EVENTLY_TEST_HELD_DIR");
  if (data_dir == nullptr) GTEST_SKIP();
  EmbeddedCluster cluster({data_dir, kPassword});
  keep_a_row(cluster);
  write_text(fs::path(data_dir).parent_path() / "held", "yes");
  while (true) ::pause();
}

pid_t start_holder(const fs::path& data_dir) {
  const std::string held = "EVENTLY_TEST_HELD_DIR=" + data_dir.string();
  std::vector<const char*> environment{held.c_str()};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("GTEST_")) environment.push_back(*entry);
  }
  environment.push_back(nullptr);
  const char* arguments[] = {"holder", "--gtest_filter=ClusterHolder.*",
                             "--gtest_also_run_disabled_tests", nullptr};
  pid_t child = -1;
  ::posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, const_cast<char**>(arguments),
                const_cast<char**>(environment.data()));
  return child;
}

TEST_F(EmbeddedClusterPgTest, StartsAgainAfterKillOfItsProgram) {
  const pid_t holder = start_holder(data_dir());
  ASSERT_TRUE(eventually([&] { return fs::exists(data_dir().parent_path() / "held"); }, kPatience));
  const pid_t server = postmaster(data_dir());
  ::kill(holder, SIGKILL);
  ::waitpid(holder, nullptr, 0);
  EmbeddedCluster cluster(options());
  EXPECT_EQ(rows_kept(cluster), 1);
  EXPECT_NE(postmaster(data_dir()), server);
}

}  // namespace
}  // namespace evently::postgres
