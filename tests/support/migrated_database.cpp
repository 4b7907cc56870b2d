#include "support/migrated_database.hpp"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <vector>

#include "platform/config/secrets.hpp"
#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "platform/postgres/migrator.hpp"
#include "platform/postgres/provisioning.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::testing {
namespace {

namespace fs = std::filesystem;

constexpr postgres::Statement kStoreKey{"test.store_context_key",
                                        "INSERT INTO sec.context_keys (kid, key) VALUES (1, $1)"};

/// A folder under /tmp (a unix socket's path must be short) that goes away with the object.
class Folder {
 public:
  Folder() {
    std::string pattern = "/tmp/evently-test-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

std::string content_of(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// db/migrations in order, as the program has them built in.
void apply_migrations(postgres::SyncConnection& connection) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(EVENTLY_SOURCE_DIR "/db/migrations")) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());

  std::vector<std::pair<std::string, std::string>> texts;
  for (const fs::path& file : files) texts.emplace_back(file.filename(), content_of(file));
  std::vector<postgres::Migration> migrations;
  for (const auto& [name, sql] : texts) migrations.push_back({name, sql});
  postgres::migrate(connection, migrations);
}

/// The cluster of this test program; its database `evently` is the template of all others.
class TemplateCluster {
 public:
  static TemplateCluster& instance() {
    static TemplateCluster cluster;
    return cluster;
  }

  std::string superuser(const std::string& database) const {
    constexpr std::string_view kTemplate = "dbname='evently'";
    std::string conninfo = cluster_.conninfo();
    return conninfo.replace(conninfo.find(kTemplate), kTemplate.size(),
                            "dbname='" + database + "'");
  }

  std::string as(const std::string& role, const std::string& database) const {
    return postgres::conninfo_for_role(superuser(database), role, secrets_.password(role));
  }

  std::string clone() {
    const std::string name = "test_" + std::to_string(++clones_);
    postgres::SyncConnection(superuser("postgres"))
        .script("test.clone", "CREATE DATABASE " + name + " TEMPLATE evently");
    return name;
  }

  void drop(const std::string& name) {
    postgres::SyncConnection(superuser("postgres"))
        .script("test.drop", "DROP DATABASE " + name + " WITH (FORCE)");
  }

 private:
  TemplateCluster()
      : secrets_(config::Secrets::load_or_make(folder_.path())),
        cluster_({folder_.path(), secrets_.password("evently_superuser")}) {
    postgres::SyncConnection connection(cluster_.conninfo());
    // Nothing here has to survive a power cut.
    connection.script("test.no_fsync", "ALTER SYSTEM SET fsync = off");
    connection.script("test.reload", "SELECT pg_reload_conf()");
    postgres::provision_roles(connection, secrets_);
    apply_migrations(connection);
    connection.run(kStoreKey,
                   postgres::Parameters{postgres::encode_bytes(MigratedDatabase::context_key())});
  }

  Folder folder_;
  config::Secrets secrets_;
  postgres::EmbeddedCluster cluster_;
  int clones_ = 0;
};

}  // namespace

MigratedDatabase::MigratedDatabase() : name_(TemplateCluster::instance().clone()) {}

MigratedDatabase::~MigratedDatabase() { TemplateCluster::instance().drop(name_); }

std::string MigratedDatabase::conninfo(const std::string& role) const {
  return TemplateCluster::instance().as(role, name_);
}

std::string MigratedDatabase::superuser_conninfo() const {
  return TemplateCluster::instance().superuser(name_);
}

const std::string& MigratedDatabase::context_key() {
  static const std::string key(32, 'k');
  return key;
}

}  // namespace evently::testing
