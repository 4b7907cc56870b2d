#include "support/two_nodes.hpp"

#include "platform/postgres/sync_connection.hpp"

namespace evently::testing {
namespace {

std::string owned_database(const ExternalCluster& cluster) {
  const std::string name = "evently_operator";
  constexpr char kPassword[] = "an-owners-password";
  postgres::SyncConnection admin(cluster.superuser_url());
  admin.script("test.role", "CREATE ROLE " + name + " LOGIN CREATEROLE PASSWORD '" +
                                std::string(kPassword) + "'");
  admin.script("test.database", "CREATE DATABASE " + name + " OWNER " + name);
  return cluster.url(name, kPassword, name);
}

}  // namespace

TwoNodes::TwoNodes(const std::vector<std::string>& arguments,
                   const std::vector<std::string>& of_first,
                   const std::vector<std::string>& of_second)
    : url(owned_database(cluster)) {
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all{"--database-url", url, "--workers", "1"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  first = std::make_unique<ServerProcess>(with(of_first), RateLimits::AsGiven, folder / "first");
  std::filesystem::create_directories(folder / "second");
  std::filesystem::permissions(folder / "second", std::filesystem::perms::owner_all);
  std::filesystem::copy(folder / "first" / "secrets", folder / "second" / "secrets");
  second = std::make_unique<ServerProcess>(with(of_second), RateLimits::AsGiven, folder / "second");
}

}  // namespace evently::testing
