#pragma once

#include <memory>
#include <string>

#include "app/options.hpp"
#include "platform/config/secrets.hpp"
#include "platform/postgres/embedded_cluster.hpp"

namespace evently::app {

/// The opened data: secrets, a running database with today's schema, and how each role reaches it.
class Store {
 public:
  /// For the server: starts the embedded cluster, or uses --database-url; provisions and migrates.
  static Store open(const StoreOptions& options);
  /// For the operator's commands: joins the database of a server that runs already, else open().
  static Store join(const StoreOptions& options);

  const config::Secrets& secrets() const { return secrets_; }
  /// Connection string of a database role.
  std::string conninfo(const std::string& role) const;
  int migrations_applied() const { return migrations_applied_; }

 private:
  Store(config::Secrets secrets, std::string admin_conninfo, std::unique_ptr<postgres::EmbeddedCluster> cluster)
      : secrets_(std::move(secrets)), admin_conninfo_(std::move(admin_conninfo)), cluster_(std::move(cluster)) {}
  void prepare();

  config::Secrets secrets_;
  std::string admin_conninfo_;
  std::unique_ptr<postgres::EmbeddedCluster> cluster_;
  int migrations_applied_ = 0;
};

}  // namespace evently::app
