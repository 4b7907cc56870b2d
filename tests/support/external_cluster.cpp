#include "support/external_cluster.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>

#include "platform/postgres/embedded/cluster_process.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/free_port.hpp"

namespace evently::testing {
namespace {

constexpr char kPassword[] = "only-for-this-test";
constexpr std::chrono::seconds kStartLimit{60};

}  // namespace

ExternalCluster::ExternalCluster(const std::vector<std::string>& settings) : port_(free_port()) {
  const auto binaries = postgres::find_binaries("/usr/lib/postgresql", 0);
  if (!binaries) throw std::runtime_error("PostgreSQL is not installed");
  const auto home = folder_ / "server";
  std::filesystem::create_directory(home);
  postgres::give_to_server(home);
  write_text(folder_ / "password", std::string(kPassword) + "\n");
  postgres::give_to_server(folder_ / "password");
  const int code = postgres::run_as_server(
      {*binaries / "initdb", "--pgdata", home / "data", "--username=postgres", "--pwfile",
       folder_ / "password", "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8",
       "--no-sync"},
      folder_ / "initdb.log");
  if (code != 0) throw std::runtime_error("initdb failed: " + read_text(folder_ / "initdb.log"));

  std::vector<std::string> command{*binaries / "postgres", "-D", home / "data"};
  for (const std::string& setting :
       {std::string("listen_addresses=127.0.0.1"), "port=" + std::to_string(port_),
        std::string("unix_socket_directories="), std::string("fsync=off")}) {
    command.insert(command.end(), {"-c", setting});
  }
  command.insert(command.end(), settings.begin(), settings.end());
  server_ = postgres::spawn_as_server(command, SIGINT, folder_ / "server.log");
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!postgres::can_connect(superuser_url())) {
    if (std::chrono::steady_clock::now() > limit || ::waitpid(server_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("no server: " + read_text(folder_ / "server.log"));
    }
    ::poll(nullptr, 0, 20);
  }
}

ExternalCluster::~ExternalCluster() {
  ::kill(server_, SIGINT);
  ::waitpid(server_, nullptr, 0);
}

ExternalCluster& ExternalCluster::shared() {
  static ExternalCluster cluster;
  return cluster;
}

std::string ExternalCluster::url(const std::string& user, const std::string& password,
                                 const std::string& database) const {
  return "postgresql://" + user + ":" + password + "@127.0.0.1:" + std::to_string(port_) + "/" +
         database;
}

std::string ExternalCluster::superuser_url(const std::string& database) const {
  return url("postgres", kPassword, database);
}

}  // namespace evently::testing
