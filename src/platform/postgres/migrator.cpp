#include "platform/postgres/migrator.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <vector>

#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/observability/log.hpp"

namespace evently::postgres {
namespace {

constexpr Statement kApplied{"migrations.list_applied",
                             "SELECT name, sha256 FROM ops.schema_migrations ORDER BY number"};
constexpr Statement kRecord{"migrations.insert",
                            "INSERT INTO ops.schema_migrations (number, name, sha256) "
                            "VALUES ($1, $2, $3)"};
// Any number will do as long as all versions of the program use the same: "evently" on a phone.
constexpr Statement kLock{"migrations.lock", "SELECT pg_advisory_lock(3836859)"};
constexpr Statement kUnlock{"migrations.unlock", "SELECT pg_advisory_unlock(3836859)"};

// Like every table: forced row-level security. Only who migrates reads or writes it.
constexpr char kPrepare[] = R"sql(
DO $$
BEGIN
  IF to_regclass('ops.schema_migrations') IS NOT NULL THEN RETURN; END IF;
  CREATE SCHEMA IF NOT EXISTS ops;
  CREATE TABLE ops.schema_migrations (
    number      integer     PRIMARY KEY,
    name        text        NOT NULL UNIQUE,
    sha256      text        NOT NULL,
    applied_at  timestamptz NOT NULL DEFAULT now());
  ALTER TABLE ops.schema_migrations ENABLE ROW LEVEL SECURITY;
  ALTER TABLE ops.schema_migrations FORCE ROW LEVEL SECURITY;
  CREATE POLICY schema_migrations_owner_all ON ops.schema_migrations TO CURRENT_USER
    USING (true) WITH CHECK (true);
END $$;
)sql";

/// 12 of "0012_create_core_cancel.sql"; 0 when it has no number.
int number_of(std::string_view name) {
  int number = 0;
  std::from_chars(name.data(), name.data() + name.size(), number);
  return number;
}

void refuse_disorder(std::span<const Migration> migrations) {
  int last = 0;
  for (const Migration& migration : migrations) {
    const int number = number_of(migration.name);
    if (number <= last) {
      throw std::logic_error("migration " + std::string(migration.name) + " is out of order");
    }
    last = number;
  }
}

struct Applied {
  std::string name;
  std::string digest;
};

std::vector<Applied> list_applied(SyncConnection& connection) {
  const Rows rows = connection.run(kApplied);
  return rows.map([](const Row& row) {
    return Applied{row.get<std::string>("name"), row.get<std::string>("sha256")};
  });
}

std::string digest_of(const Migration& migration) {
  return crypto::to_hex(crypto::sha256(migration.sql));
}

/// What is applied must be what our list begins with, byte for byte.
void refuse_other_history(const std::vector<Applied>& applied,
                          std::span<const Migration> migrations) {
  for (std::size_t i = 0; i < applied.size(); ++i) {
    const std::string& name = applied[i].name;
    const bool is_known = std::any_of(migrations.begin(), migrations.end(),
                                      [&](const Migration& ours) { return ours.name == name; });
    if (!is_known) {
      throw config::StartRefused("the database has migration " + name +
                                 ", which this program does not know; use a newer program");
    }
    if (migrations[i].name != name) {
      throw config::StartRefused("migration " + std::string(migrations[i].name) +
                                 " is not applied although the later " + name +
                                 " is; use the program the database came from");
    }
    if (applied[i].digest != digest_of(migrations[i])) {
      throw config::StartRefused("migration " + name +
                                 " was edited after it was applied; use the program it came with");
    }
  }
}

void apply(SyncConnection& connection, const Migration& migration) {
  const std::string name(migration.name);
  connection.script("migrations.begin", "BEGIN");
  try {
    connection.script(name, std::string(migration.sql));
    connection.script("migrations.reset_role", "RESET ROLE");
    connection.run(kRecord, parameters(number_of(name), name, digest_of(migration)));
  } catch (const std::exception&) {
    connection.script("migrations.rollback", "ROLLBACK");
    throw;
  }
  connection.script("migrations.commit", "COMMIT");
}

}  // namespace

int migrate(SyncConnection& connection, std::span<const Migration> migrations) {
  refuse_disorder(migrations);
  connection.run(kLock);  // until the session ends, when migrating fails
  connection.script("migrations.prepare", kPrepare);
  const std::vector<Applied> applied = list_applied(connection);
  refuse_other_history(applied, migrations);

  const auto pending = migrations.subspan(applied.size());
  for (const Migration& migration : pending) apply(connection, migration);
  if (!pending.empty()) {
    observability::log(observability::Level::Info, "migrations.applied",
                       {{"first", pending.front().name},
                        {"last", pending.back().name},
                        {"count", static_cast<std::int64_t>(pending.size())}});
  }
  connection.run(kUnlock);
  return static_cast<int>(pending.size());
}

}  // namespace evently::postgres
