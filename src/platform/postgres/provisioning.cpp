#include "platform/postgres/provisioning.hpp"

#include <array>
#include <optional>

#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"

namespace evently::postgres {
namespace {

constexpr std::array kLoginRoles{"application_user",    "application_public", "application_admin",
                                 "application_auth",    "application_worker", "application_sealer",
                                 "application_operator"};

// The migrator's lock: nodes that start at once on one database take turns.
constexpr Statement kLock{"roles.lock", "SELECT pg_advisory_xact_lock(3836859)"};

// Membership of the NOLOGIN roles lets migrations act as the owners; a superuser needs none. Since
// PostgreSQL 16 who creates a role may administer but not become it, so the grant says both.
constexpr char kCreateRoles[] = R"sql(
DO $$
DECLARE
  r text;
  is_16 boolean := current_setting('server_version_num')::integer >= 160000;
BEGIN
  FOREACH r IN ARRAY ARRAY['evently_owner', 'evently_keys', 'application_booking', 'application_audit'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOINHERIT', r);
    END IF;
    -- USAGE: its rights are ours without SET ROLE.
    CONTINUE WHEN pg_has_role(current_user, r, 'USAGE')
              AND pg_has_role(current_user, r, CASE WHEN is_16 THEN 'SET' ELSE 'MEMBER' END);
    EXECUTE format('GRANT %I TO %I', r, current_user)
         || CASE WHEN is_16 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
  END LOOP;
  FOREACH r IN ARRAY ARRAY['application_user', 'application_public', 'application_admin', 'application_auth',
                           'application_worker', 'application_sealer', 'application_operator'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', r);
    END IF;
  END LOOP;
END $$;
)sql";

// A role of that name that was there before, with rights that would undo row-level security.
constexpr Statement kFindTooMighty{
    "roles.find_too_mighty",
    "SELECT rolname FROM pg_roles WHERE rolname IN ('evently_owner', 'evently_keys', "
    "'application_booking', 'application_audit', 'application_user', 'application_public', "
    "'application_admin', 'application_auth', 'application_worker', 'application_sealer', "
    "'application_operator') AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR "
    "rolreplication OR rolinherit) ORDER BY rolname LIMIT 1"};

// The first key follows the secrets folder; a later one was made by somebody's rotation and stays.
constexpr Statement kStoreKey{
    "context_keys.store",
    "INSERT INTO sec.context_keys AS k (kid, key, retire_after) VALUES ($1, $2, $3)"
    " ON CONFLICT (kid) DO UPDATE SET retire_after = excluded.retire_after,"
    " key = CASE WHEN k.kid = 1 THEN excluded.key ELSE k.key END"
    " RETURNING key = $2 AS stored"};

void refuse_too_mighty(SyncConnection& connection) {
  const Rows mighty = connection.run(kFindTooMighty);
  if (mighty.size() == 0) return;
  const auto role = mighty[0].get<std::string>("rolname");
  throw config::StartRefused("the database role " + role +
                             " may do too much; run as superuser: ALTER ROLE " + role +
                             " NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB NOREPLICATION "
                             "NOINHERIT");
}

void make_roles(SyncConnection& connection, const config::Secrets& secrets) {
  connection.run(kLock);
  connection.script("roles.create", kCreateRoles);
  refuse_too_mighty(connection);
  for (const char* role : kLoginRoles) connection.set_password(role, secrets.password(role));
}

constexpr Statement kHasMark{"secrets_mark.has_table",
                             "SELECT to_regclass('ops.secrets_mark') IS NOT NULL AS has"};
constexpr Statement kFindMark{"secrets_mark.find", "SELECT mark FROM ops.secrets_mark"};
constexpr Statement kStoreMark{
    "secrets_mark.store", "INSERT INTO ops.secrets_mark (mark) VALUES ($1) ON CONFLICT DO NOTHING"};
constexpr Statement kIsMigrated{"secrets_mark.is_migrated",
                                "SELECT to_regclass('ops.schema_migrations') IS NOT NULL AS has"};

/// Of lookup.key: every look-up value of the database hangs on it, so it never rotates.
std::string mark_of(const config::Secrets& secrets) {
  return crypto::to_hex(crypto::hmac_sha256(secrets.key("lookup.key"), "database|v1"));
}

/// nullopt: nobody's yet, or migrated last by a program that marked nothing.
std::optional<std::string> find_mark(SyncConnection& connection) {
  if (!connection.run(kHasMark)[0].get<bool>("has")) return std::nullopt;
  const Rows rows = connection.run(kFindMark);
  if (rows.size() == 0) return std::nullopt;
  return rows[0].get<std::string>("mark");
}

}  // namespace

void refuse_other_secrets(SyncConnection& connection, const config::Secrets* secrets,
                          const std::filesystem::path& data_dir) {
  const auto mark = find_mark(connection);
  if (!mark || (secrets != nullptr && *mark == mark_of(*secrets))) return;
  throw config::StartRefused(
      "this database belongs to other secrets; give the --data-dir that has them (" +
      (data_dir / "secrets").string() + (secrets == nullptr ? " is not there)" : " has others)"));
}

void mark_secrets(SyncConnection& connection, const config::Secrets& secrets) {
  connection.run(kStoreMark, parameters(mark_of(secrets)));
}

bool is_migrated(SyncConnection& connection) {
  return connection.run(kIsMigrated)[0].get<bool>("has");
}

void provision_roles(SyncConnection& connection, const config::Secrets& secrets) {
  connection.script("roles.begin", "BEGIN");
  try {
    make_roles(connection, secrets);
  } catch (const std::exception&) {
    connection.script("roles.rollback", "ROLLBACK");
    throw;
  }
  connection.script("roles.commit", "COMMIT");
}

void provision_context_keys(SyncConnection& connection, const crypto::KeyRing& ring) {
  connection.script("context_keys.begin", "BEGIN; SET LOCAL ROLE evently_keys");
  const TimePoint now = SystemClock().now();
  for (const crypto::RingKey& key : ring) {
    if (key.is_retired(now)) continue;
    auto values = parameters(key.kid);
    values.emplace_back(encode_bytes(key.secret));
    values.push_back(encode_value(key.retire_after));
    if (connection.run(kStoreKey, values)[0].get<bool>("stored")) continue;
    connection.script("context_keys.rollback", "ROLLBACK");
    throw config::StartRefused("context key " + std::to_string(key.kid) +
                               " of the database is another one than in the secrets folder; use "
                               "the folder of the node where `evently keys rotate` ran");
  }
  connection.script("context_keys.commit", "COMMIT");
}

}  // namespace evently::postgres
