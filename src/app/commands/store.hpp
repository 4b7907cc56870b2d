#pragma once

#include <memory>
#include <string>

#include "app/commands/options.hpp"
#include "platform/config/secrets.hpp"
#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::app {

struct DecoyLogin {
  std::string email;
  std::string password;
};

/// The opened data: secrets, a running database with today's schema, and how each role reaches it.
class Store {
 public:
  /// For the server: starts the embedded cluster, or uses --database-url; provisions and migrates.
  static Store open(const StoreOptions& options);
  /// For the operator's commands: joins the database of a server that runs already, else open().
  static Store join(const StoreOptions& options);
  /// As join(), for commands that make no sense without data: refuses instead of making it.
  static Store join_existing(const StoreOptions& options);

  const config::Secrets& secrets() const { return secrets_; }
  /// Connection string of a database role.
  std::string conninfo(const std::string& role) const;
  /// An API key that opens nothing: planted where nobody should look, reported when it is used.
  std::string decoy_key() const;
  /// A sign-in that opens nothing, as it stands in core.service_logins.
  DecoyLogin decoy_login() const;
  /// Lets the database check contexts by these keys, too.
  void publish_context_keys(const crypto::KeyRing& ring) const;
  int migrations_applied() const { return migrations_applied_; }

 private:
  Store(config::Secrets secrets, std::string admin_conninfo,
        std::unique_ptr<postgres::EmbeddedCluster> cluster)
      : secrets_(std::move(secrets)),
        admin_conninfo_(std::move(admin_conninfo)),
        cluster_(std::move(cluster)) {}
  void prepare(postgres::SyncConnection& connection, const StoreOptions& options);

  config::Secrets secrets_;
  std::string admin_conninfo_;
  std::unique_ptr<postgres::EmbeddedCluster> cluster_;
  int migrations_applied_ = 0;
};

}  // namespace evently::app
