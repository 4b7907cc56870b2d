#include "support/pool_fixture.hpp"

#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "support/eventually.hpp"
#include "support/scratch_folder.hpp"

namespace evently::testing {
namespace {

using postgres::Statement;

constexpr Statement kBackend{"test.backend", "SELECT pg_backend_pid() AS pid"};
constexpr Statement kMarks{"test.marks", "SELECT count(*)::integer AS n FROM marks"};
constexpr Statement kTerminate{"test.terminate", "SELECT pg_terminate_backend($1)"};
constexpr Statement kFind{"test.find_backend", "SELECT FROM pg_stat_activity WHERE pid = $1"};

struct Cluster {
  ScratchFolder folder;
  postgres::EmbeddedCluster server{{folder / "data", "0123456789abcdef"}};
  std::string conninfo = server.conninfo();
};

}  // namespace

const std::string& pool_cluster_conninfo() {
  static const Cluster cluster;
  return cluster.conninfo;
}

PoolPgTest::PoolPgTest() : outside_(pool_cluster_conninfo()), pool_(io_, options()) {
  outside_.script("test.marks",
                  "DROP TABLE IF EXISTS marks; CREATE TABLE marks ("
                  "id integer CONSTRAINT marks_are_unique PRIMARY KEY, "
                  "size integer CONSTRAINT marks_have_a_size CHECK (size > 0), "
                  "after integer CONSTRAINT marks_follow_a_mark REFERENCES marks "
                  "DEFERRABLE INITIALLY DEFERRED)");
}

postgres::PoolOptions PoolPgTest::options(std::size_t connections) {
  postgres::PoolOptions options;
  options.name = "test";
  options.conninfo = pool_cluster_conninfo();
  options.max_connections = connections;
  return options;
}

int PoolPgTest::backend() { return run(kBackend)[0].get<std::int32_t>("pid"); }

int PoolPgTest::marks() { return outside_.run(kMarks)[0].get<std::int32_t>("n"); }

void PoolPgTest::terminate(int backend) {
  const auto pid = postgres::parameters(backend);
  outside_.run(kTerminate, pid);
  if (!eventually([&] { return outside_.run(kFind, pid).empty(); })) {
    throw std::runtime_error("the backend stayed");
  }
}

}  // namespace evently::testing
