#include "app/store.hpp"

#include <vector>

#include "migrations_embedded.hpp"
#include "platform/config/refusal.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/migrator.hpp"
#include "platform/postgres/provisioning.hpp"

namespace evently::app {
namespace {

constexpr int kOldestServer = 150'000;  // 15.0, as libpq writes it

postgres::ClusterOptions cluster_options(const StoreOptions& options, const config::Secrets& secrets) {
  return {options.data_dir, secrets.password("evently_superuser")};
}

}  // namespace

Store Store::open(const StoreOptions& options) {
  config::Secrets secrets = config::Secrets::load_or_make(options.data_dir);
  std::unique_ptr<postgres::EmbeddedCluster> cluster;
  std::string admin = options.database_url.value_or("");
  if (!options.database_url) {
    cluster = std::make_unique<postgres::EmbeddedCluster>(cluster_options(options, secrets));
    admin = cluster->conninfo();
  }
  Store store(std::move(secrets), admin, std::move(cluster));
  store.prepare();
  return store;
}

Store Store::join(const StoreOptions& options) {
  if (options.database_url) return open(options);
  config::Secrets secrets = config::Secrets::load_or_make(options.data_dir);
  const std::string running = postgres::EmbeddedCluster::running_conninfo(cluster_options(options, secrets));
  if (running.empty()) return open(options);
  return Store(std::move(secrets), running, nullptr);
}

void Store::prepare() {
  try {
    postgres::SyncConnection connection(admin_conninfo_);
    if (connection.server_version() < kOldestServer) {
      throw config::StartRefused("the server at --database-url is older than PostgreSQL 15");
    }
    postgres::provision_roles(connection, secrets_);
    std::vector<postgres::Migration> files;
    for (const auto& file : migrations::kFiles) files.push_back({file.name, file.content});
    migrations_applied_ = postgres::migrate(connection, files);
    postgres::provision_context_key(connection, secrets_);
  } catch (const postgres::ConnectionLost& lost) {
    throw config::StartRefused(std::string("the database cannot be reached: ") + lost.what(), 69);
  }
}

std::string Store::conninfo(const std::string& role) const {
  return postgres::conninfo_for_role(admin_conninfo_, role, secrets_.password(role));
}

}  // namespace evently::app
