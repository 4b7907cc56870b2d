// `--database-url`: the whole program on somebody else's PostgreSQL, over TCP with SCRAM.
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "platform/postgres/sync_connection.hpp"
#include "support/external_cluster.hpp"
#include "support/scratch_folder.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPassword[] = "an-owners-password";

/// A login of its own that owns a database of its own; `rights` go into CREATE ROLE.
std::string owned_database(const std::string& owner, const std::string& rights) {
  auto& cluster = ExternalCluster::shared();
  postgres::SyncConnection admin(cluster.superuser_url());
  admin.script("test.role",
               "CREATE ROLE " + owner + " LOGIN PASSWORD '" + kPassword + "' " + rights);
  admin.script("test.database", "CREATE DATABASE " + owner + " OWNER " + owner);
  return cluster.url(owner, kPassword, owner);
}

void expect_refusal(const std::string& url, int exit_code, const std::string& words) {
  const ScratchFolder folder;
  const CommandResult result =
      run_evently({"serve", "--data-dir", folder / "data", "--listen", "127.0.0.1:0",
                   "--operations-listen", "127.0.0.1:0", "--database-url", url});
  EXPECT_EQ(result.exit_code, exit_code);
  EXPECT_THAT(result.output, HasSubstr(words));
  EXPECT_EQ(std::ranges::count(result.output, '\n'), 1) << result.output;
  EXPECT_THAT(result.output, Not(HasSubstr(kPassword)));
}

TEST(ExternalDatabase, ServesBooksVerifiesAndKeepsItOverARestart) {
  const std::string url = owned_database("evently_keeper", "CREATEROLE");
  ServerProcess server({"--database-url", url});
  const std::filesystem::path data = server.data();
  EXPECT_FALSE(std::filesystem::exists(data / "postgres"));

  std::ofstream(server.data_dir() / "one.ndjson")
      << R"({"name":"Elsewhere","startDate":"2099-01-01","city":"Bern","capacity":5})"
         "\n";
  const CommandResult imported = run_evently(
      {"import", server.data_dir() / "one.ndjson", "--data-dir", data, "--database-url", url});
  ASSERT_EQ(imported.exit_code, 0) << imported.output;
  HttpClient client = server.client();
  const Person ada = register_person(client);
  std::string event_id;
  for (int n = 0; n < 200 && event_id.empty(); ++n) {  // the list is at most a second old
    event_id = client.get("/api/v1/events?q=Elsewhere").text("/items/0/id");
    if (event_id.empty()) ::poll(nullptr, 0, 25);
  }
  const Answer booked = client.post(
      "/api/v1/bookings", R"({"event_id":")" + event_id + R"(","quantity":2})", bearer(ada.token));
  ASSERT_EQ(booked.status, 201) << booked.body;

  EXPECT_EQ(server.stop(), 0);
  server.start();
  HttpClient again = server.client();
  const std::string path = "/api/v1/bookings/" + booked.text("/id");
  EXPECT_EQ(again.get(path, bearer(ada.token)).status, 200);
  const CommandResult verified = run_evently({"verify", "--data-dir", data, "--database-url", url});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

/// Every start gives the login roles the passwords of its own secrets: another folder's would take
/// the running server down.
TEST(ExternalDatabase, RefusesOtherSecretsAndLeavesTheServerAlone) {
  const std::string url = owned_database("evently_owned", "CREATEROLE");
  ServerProcess server({"--database-url", url});
  const ScratchFolder folder;
  for (const char* command : {"verify", "migrate", "doctor"}) {
    const CommandResult other =
        run_evently({command, "--data-dir", folder / "data", "--database-url", url});
    EXPECT_EQ(other.exit_code, 78);
    EXPECT_THAT(other.output, HasSubstr("this database belongs to other secrets; give the "
                                        "--data-dir that has them ("));
    EXPECT_EQ(std::ranges::count(other.output, '\n'), 1) << other.output;
  }
  expect_refusal(url, 78, "this database belongs to other secrets");
  EXPECT_FALSE(std::filesystem::exists(folder / "data"));

  // Secrets that are there, but others.
  std::filesystem::create_directory(folder / "data");
  std::filesystem::copy(server.data() / "secrets", folder / "data" / "secrets");
  write_text(folder / "data" / "secrets" / "lookup.key", std::string(64, 'a') + "\n");
  const CommandResult other =
      run_evently({"verify", "--data-dir", folder / "data", "--database-url", url});
  EXPECT_EQ(other.exit_code, 78);
  EXPECT_THAT(other.output, HasSubstr("this database belongs to other secrets"));

  EXPECT_EQ(server.stop(), 0);
  server.start();
  HttpClient client = server.client();
  register_person(client);
}

TEST(ExternalDatabase, GivesAnOlderDatabaseItsMark) {
  const std::string url = owned_database("evently_older", "CREATEROLE");
  const ScratchFolder folder;
  const auto run = [&](const char* command, const char* data) {
    return run_evently({command, "--data-dir", folder / data, "--database-url", url});
  };
  ASSERT_EQ(run("migrate", "ours").exit_code, 0);
  postgres::SyncConnection owner(url);
  owner.script("test.forget", "DELETE FROM ops.secrets_mark");
  EXPECT_EQ(run("doctor", "ours").exit_code, 0);
  EXPECT_EQ(run("doctor", "other").exit_code, 78);
}

TEST(ExternalDatabase, NothingToVerify) {
  const std::string url = owned_database("evently_empty", "CREATEROLE");
  const ScratchFolder folder;
  ASSERT_EQ(run_evently({"migrate", "--data-dir", folder / "data"}).exit_code, 0);
  const CommandResult verified =
      run_evently({"verify", "--data-dir", folder / "data", "--database-url", url});
  EXPECT_EQ(verified.exit_code, 78);
  EXPECT_THAT(verified.output, HasSubstr("no data in the database of --database-url"));
}

TEST(ExternalDatabase, WrongPassword) {
  owned_database("evently_mistaken", "CREATEROLE");
  expect_refusal(ExternalCluster::shared().url("evently_mistaken", "guess", "evently_mistaken"), 69,
                 "password authentication failed for user");
}

TEST(ExternalDatabase, NobodyThere) {
  expect_refusal("postgresql://a:an-owners-password@127.0.0.1:1/evently", 69,
                 "the database cannot be reached");
}

TEST(ExternalDatabase, NoSuchDatabase) {
  owned_database("evently_lost", "CREATEROLE");
  expect_refusal(ExternalCluster::shared().url("evently_lost", kPassword, "nowhere"), 69,
                 "database \"nowhere\" does not exist");
}

TEST(ExternalDatabase, NotAUrl) {
  expect_refusal("postgresql//a:an-owners-password@host/evently", 78,
                 "--database-url is not a PostgreSQL connection string, like postgresql://");
}

TEST(ExternalDatabase, MayNotCreateRoles) {
  expect_refusal(owned_database("evently_modest", "NOCREATEROLE"), 78,
                 "it must own the database and have CREATEROLE");
}

TEST(ExternalDatabase, DoesNotOwnTheDatabase) {
  owned_database("evently_landlord", "CREATEROLE");
  owned_database("evently_tenant", "CREATEROLE");
  expect_refusal(ExternalCluster::shared().url("evently_tenant", kPassword, "evently_landlord"), 78,
                 "it must own the database and have CREATEROLE");
}

/// Speaks as much of the protocol as it takes to say that it is PostgreSQL 14.
class OldServer {
 public:
  OldServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 4) != 0 ||
        ::getsockname(listener_, plain, &size) != 0) {
      throw std::runtime_error("no port");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~OldServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  OldServer(const OldServer&) = delete;
  OldServer& operator=(const OldServer&) = delete;
  std::string url() const {
    return "postgresql://a:b@127.0.0.1:" + std::to_string(port_) + "/c?sslmode=disable";
  }

 private:
  static std::string message(char type, const std::string& body) {
    const std::uint32_t size = htonl(static_cast<std::uint32_t>(body.size() + 4));
    return type + std::string(reinterpret_cast<const char*>(&size), 4) + body;
  }
  void serve() const {
    using namespace std::string_literals;
    const std::string ready = message('Z', "I");
    const std::string hello =
        message('R', "\0\0\0\0"s) + message('S', "server_version\00014.9\0"s) + ready;
    const std::string done = message('C', "SET\0"s) + ready;
    for (int client = 0; (client = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(client)) {
      char buffer[4096];
      const std::string* answer = &hello;
      while (::recv(client, buffer, sizeof buffer, 0) > 0) {
        ::send(client, answer->data(), answer->size(), MSG_NOSIGNAL);
        answer = &done;
      }
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::thread thread_;
};

TEST(ExternalDatabase, TooOld) {
  const OldServer server;
  expect_refusal(server.url(), 78, "is older than PostgreSQL 15");
}

}  // namespace
}  // namespace evently::testing
