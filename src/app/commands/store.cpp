#include "app/commands/store.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <vector>

#include "api_keys/key_text.hpp"
#include "migrations_embedded.hpp"
#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/migrator.hpp"
#include "platform/postgres/provisioning.hpp"

namespace evently::app {
namespace {

constexpr int kOldestServer = 150'000;   // 15.0, as libpq writes it
constexpr int kUnavailable = 69;         // EX_UNAVAILABLE, sysexits.h
constexpr char kNotAllowed[] = "42501";  // insufficient_privilege

/// libpq's messages have several lines; a refusal has one.
std::string one_line(std::string text) {
  std::string line;
  for (const char c : text) {
    const bool is_space = c == ' ' || c == '\n' || c == '\t';
    if (!is_space) line += c;
    if (is_space && !line.empty() && line.back() != ' ') line += ' ';
  }
  return line;
}

/// A host that swallows packets would hold the start for minutes; the URL or the environment may
/// say otherwise. Only for libpq's blocking calls: the pools hold their own deadlines.
void limit_connecting() { ::setenv("PGCONNECT_TIMEOUT", "10", 0); }

/// Checked here, for libpq's own message would quote the password.
void require_connection_string(const std::string& url) {
  if (postgres::is_conninfo(url)) return;
  throw config::StartRefused(
      "--database-url is not a PostgreSQL connection string, like "
      "postgresql://owner:password@host:5432/evently");
}

/// Once a database. Reads nothing of the table: a scan of it is reported.
void plant(postgres::SyncConnection& connection, const DecoyLogin& login) {
  constexpr postgres::Statement kPlant{
      "decoy.plant",
      "WITH planted AS (INSERT INTO ops.decoy_row DEFAULT VALUES ON CONFLICT DO NOTHING"
      " RETURNING one)"
      " INSERT INTO core.service_logins (id, email, password, purpose)"
      " SELECT gen_random_uuid(), $1, $2, 'nightly export' FROM planted"};
  connection.script("decoy.begin", "BEGIN; SET LOCAL ROLE evently_owner");
  connection.run(kPlant, postgres::parameters(login.email, login.password));
  connection.script("decoy.commit", "COMMIT");
}

postgres::ClusterOptions cluster_options(const StoreOptions& options,
                                         const config::Secrets& secrets) {
  return {options.data_dir, secrets.password("evently_superuser")};
}

/// Does something by the admin login; what stands in its way is said in one line.
void reach(const std::string& admin, const std::function<void(postgres::SyncConnection&)>& act) {
  try {
    postgres::SyncConnection connection(admin);
    if (connection.server_version() < kOldestServer) {
      throw config::StartRefused("the server at --database-url is older than PostgreSQL 15");
    }
    act(connection);
  } catch (const postgres::ConnectionLost& lost) {
    throw config::StartRefused("the database cannot be reached: " + one_line(lost.what()),
                               kUnavailable);
  } catch (const postgres::QueryError& fault) {
    if (fault.state != kNotAllowed) throw;
    throw config::StartRefused("the login of --database-url may not do what is needed (" +
                               one_line(fault.what()) +
                               "); it must own the database and have CREATEROLE");
  }
}

/// What only reads or mends makes nothing: a mistyped folder would be found in best order.
[[noreturn]] void refuse_absent(const std::filesystem::path& where) {
  throw config::StartRefused("no data in " + where.string() +
                             "; `evently serve` or `evently migrate` makes it, --data-dir and "
                             "--database-url say where it is");
}

}  // namespace

Store Store::open(const StoreOptions& options) {
  if (options.database_url) {
    require_connection_string(*options.database_url);
    limit_connecting();
    // A wrong --data-dir must not become a folder of secrets that open nothing.
    if (!config::Secrets::exist(options.data_dir)) {
      reach(*options.database_url, [&](postgres::SyncConnection& connection) {
        postgres::refuse_other_secrets(connection, nullptr, options.data_dir);
      });
    }
  }
  config::Secrets secrets = config::Secrets::load_or_make(options.data_dir);
  std::unique_ptr<postgres::EmbeddedCluster> cluster;
  std::string admin = options.database_url.value_or("");
  if (!options.database_url) {
    cluster = std::make_unique<postgres::EmbeddedCluster>(cluster_options(options, secrets));
    admin = cluster->conninfo();
  }
  Store store(std::move(secrets), admin, std::move(cluster));
  reach(admin, [&](postgres::SyncConnection& connection) { store.prepare(connection, options); });
  return store;
}

Store Store::join(const StoreOptions& options) {
  if (options.database_url || !config::Secrets::exist(options.data_dir)) return open(options);
  config::Secrets secrets = config::Secrets::load_or_make(options.data_dir);
  const std::string running =
      postgres::EmbeddedCluster::running_conninfo(cluster_options(options, secrets));
  if (running.empty()) return open(options);
  return Store(std::move(secrets), running, nullptr);
}

Store Store::join_existing(const StoreOptions& options) {
  const bool has_secrets = config::Secrets::exist(options.data_dir);
  if (options.database_url) {
    require_connection_string(*options.database_url);
    limit_connecting();
    reach(*options.database_url, [&](postgres::SyncConnection& connection) {
      if (!postgres::is_migrated(connection)) refuse_absent("the database of --database-url");
      if (!has_secrets) postgres::refuse_other_secrets(connection, nullptr, options.data_dir);
    });
  }
  const bool has_cluster = std::filesystem::exists(options.data_dir / "postgres" / "PG_VERSION");
  if (!has_secrets || (!options.database_url && !has_cluster)) refuse_absent(options.data_dir);
  return join(options);
}

void Store::prepare(postgres::SyncConnection& connection, const StoreOptions& options) {
  postgres::refuse_other_secrets(connection, &secrets_, options.data_dir);
  postgres::provision_roles(connection, secrets_);
  std::vector<postgres::Migration> files;
  for (const auto& file : migrations::kFiles) files.push_back({file.name, file.content});
  migrations_applied_ = postgres::migrate(connection, files);
  postgres::mark_secrets(connection, secrets_);
  postgres::refuse_other_secrets(connection, &secrets_, options.data_dir);  // both were the first
  postgres::provision_context_keys(connection, secrets_.ring("context.key"));
  plant(connection, decoy_login());
}

void Store::publish_context_keys(const crypto::KeyRing& ring) const {
  postgres::SyncConnection connection(admin_conninfo_);
  postgres::provision_context_keys(connection, ring);
}

std::string Store::decoy_key() const {
  // Looks like any other; of no session's id, it opens nothing.
  const std::string secret = secrets_.key("lookup.key");
  const std::string id = crypto::hmac_sha256(secret, "decoy-key-id|v1");
  api_keys::KeyText key{{}, crypto::hmac_sha256(secret, "decoy-key|v1")};
  std::copy_n(id.begin(), key.id.bytes.size(), key.id.bytes.begin());
  return api_keys::write_key(key, true);
}

DecoyLogin Store::decoy_login() const {
  const std::string made =
      crypto::to_hex(crypto::hmac_sha256(secrets_.key("lookup.key"), "decoy-login|v1"));
  return {"svc-export-" + made.substr(0, 8) + "@evently.internal", made.substr(8, 24)};
}

std::string Store::conninfo(const std::string& role) const {
  return postgres::conninfo_for_role(admin_conninfo_, role, secrets_.password(role));
}

}  // namespace evently::app
