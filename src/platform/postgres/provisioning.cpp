#include "platform/postgres/provisioning.hpp"

#include <array>

#include "platform/config/refusal.hpp"

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

constexpr Statement kStoreKey{"context_keys.store",
                              "INSERT INTO sec.context_keys (kid, key) VALUES (1, $1) "
                              "ON CONFLICT (kid) DO UPDATE SET key = excluded.key "
                              "WHERE context_keys.key IS DISTINCT FROM excluded.key"};

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

}  // namespace

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

void provision_context_key(SyncConnection& connection, const config::Secrets& secrets) {
  connection.script("context_keys.become_owner", "SET ROLE evently_keys");
  connection.run(kStoreKey, {encode_bytes(secrets.key("context.key"))});
  connection.script("context_keys.reset_role", "RESET ROLE");
}

}  // namespace evently::postgres
