// Requirements C3 to C7: what the database refuses, whatever the program asks of it.
#include <gtest/gtest.h>

#include <array>

#include "platform/postgres/errors.hpp"
#include "platform/postgres/signed_context.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"

namespace evently::testing {
namespace {

using postgres::SyncConnection;

constexpr std::array kLoginRoles{"application_user",    "application_public", "application_admin",
                                 "application_auth",    "application_worker", "application_sealer",
                                 "application_operator"};
constexpr char kDenied[] = "42501";  // insufficient_privilege

constexpr char kAda[] = "00000000-0000-7000-8000-00000000000a";
constexpr char kBob[] = "00000000-0000-7000-8000-00000000000b";
constexpr char kAdasSession[] = "00000000-0000-7000-8000-0000000000a1";
constexpr char kBobsSession[] = "00000000-0000-7000-8000-0000000000b1";

/// Two people with live sessions, an event, a booking each, and a row in every other table.
constexpr char kArrange[] = R"sql(
INSERT INTO core.users (id, email, email_lookup, name)
SELECT ('00000000-0000-7000-8000-00000000000' || p)::uuid, p || '@example.org', sha256(p::bytea), p
  FROM unnest(ARRAY['a', 'b']) p;
INSERT INTO sec.credentials (user_id, password_hash) SELECT id, 'x' FROM core.users;
INSERT INTO sec.sessions (id, user_id, expires_at)
SELECT ('00000000-0000-7000-8000-0000000000' || left(email, 1) || '1')::uuid, id, now() + interval '1 day'
  FROM core.users;
INSERT INTO core.events (id, name, venue, event_date)
VALUES ('00000000-0000-7000-8000-0000000000e1', 'Meetup', 'Hall', now() + interval '1 day');
INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, 10, 8 FROM core.events;
INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, total_amount, currency)
SELECT gen_random_uuid(), left(u.email, 1), e.id, u.id, 1, 0, 'EUR' FROM core.users u, core.events e;
INSERT INTO core.idempotency (user_id, route, key, fingerprint, outcome)
SELECT id, 'bookings.create', 'k', '\x00', 'confirmed' FROM core.users;
INSERT INTO ops.error_log (error_id, at, fingerprint, status, method, route, request_id, message)
VALUES (gen_random_uuid(), now(), 'f', 500, 'GET', '/', 'r', 'm');
)sql";

/// SQLSTATE a script ends in, as that connection; "" when it works.
std::string state_of(SyncConnection& connection, const std::string& sql) {
  try {
    connection.script("test.attempt", sql);
  } catch (const postgres::QueryError& refused) {
    return refused.state;
  }
  return "";
}

class RowLevelSecurity : public ::testing::Test {
 protected:
  RowLevelSecurity() { superuser.script("test.arrange", kArrange); }

  SyncConnection as(const std::string& role) { return SyncConnection(database.conninfo(role)); }

  std::string context(const char* user, const char* session,
                      std::chrono::seconds valid_for = std::chrono::seconds(30)) {
    return signer.sign(
        {parse_uuid(user).value(), parse_uuid(session).value(), "request-1", "192.0.2.1"},
        valid_for);
  }

  /// Rows of core.users that application_user sees under a context.
  std::int64_t people_seen(const std::string& ctx) {
    SyncConnection connection = as("application_user");
    connection.run({"test.enter", "SELECT set_config('app.ctx', $1, false)"},
                   postgres::parameters(ctx));
    return connection.run({"test.count", "SELECT count(*) AS n FROM core.users"})[0]
        .get<std::int64_t>("n");
  }

  /// The first column of each row, one a line.
  std::string lines(const postgres::Rows& rows) {
    std::string text;
    for (int i = 0; i < rows.size(); ++i) text += rows[i].get<std::string>("fault") + "\n";
    return text;
  }

  MigratedDatabase database;
  SyncConnection superuser{database.superuser_conninfo()};
  SystemClock clock;
  postgres::ContextSigner signer{1, MigratedDatabase::context_key(), clock};
};

TEST_F(RowLevelSecurity, CoversEveryTableViewAndDefinerFunction) {
  // ops.schema_migrations is the migrator's own, closed to every role of the program (see below).
  const auto faults = superuser.run({"test.catalogue", R"sql(
    SELECT 'table ' || c.oid::regclass AS fault FROM pg_class c
     WHERE relkind IN ('r', 'p') AND c.oid <> 'ops.schema_migrations'::regclass
       AND relnamespace
           IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace)
       AND NOT (relrowsecurity AND relforcerowsecurity)
    UNION ALL
    SELECT 'view ' || oid::regclass FROM pg_class
     WHERE relkind IN ('v', 'm') AND relnamespace
           IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace)
       AND NOT coalesce(reloptions::text LIKE '%security_invoker=true%', false)
    UNION ALL
    SELECT 'definer ' || oid::regprocedure FROM pg_proc
     WHERE prosecdef AND pronamespace
           IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace)
       AND NOT coalesce(proconfig::text LIKE '%search_path=%', false)
    UNION ALL
    SELECT 'role ' || rolname FROM pg_roles
     WHERE rolname ~ '^(evently|application)_' AND rolname <> 'evently_superuser'
       AND (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication))sql"});
  EXPECT_EQ(lines(faults), "");
}

TEST_F(RowLevelSecurity, GivesLoginRolesNoOwnershipAndNoMembership) {
  const auto faults = superuser.run({"test.ownership", R"sql(
    SELECT 'owns ' || c.oid::regclass AS fault FROM pg_class c JOIN pg_roles r ON r.oid = relowner
     WHERE r.rolname ~ '^application_' AND r.rolcanlogin
    UNION ALL
    SELECT 'owns ' || p.oid::regprocedure FROM pg_proc p JOIN pg_roles r ON r.oid = proowner
     WHERE r.rolname ~ '^application_' AND r.rolcanlogin
    UNION ALL
    SELECT r.rolname || ' is a member of ' || m.roleid::regrole
      FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member
     WHERE r.rolname ~ '^(application|evently)_' AND r.rolname <> 'evently_superuser')sql"});
  EXPECT_EQ(lines(faults), "");
}

TEST_F(RowLevelSecurity, StripsPublicOfTablesFunctionsAndSchemas) {
  const auto faults = superuser.run({"test.public", R"sql(
    SELECT 'table ' || c.oid::regclass AS fault FROM pg_class c, aclexplode(c.relacl) a
     WHERE a.grantee = 0 AND relnamespace
           IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace)
    UNION ALL
    SELECT 'function ' || p.oid::regprocedure
      FROM pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
     WHERE a.grantee = 0
       AND pronamespace IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace,
                                'ext'::regnamespace)
    UNION ALL
    SELECT 'schema ' || nspname FROM pg_namespace, aclexplode(nspacl) a
     WHERE a.grantee = 0 AND nspname IN ('core', 'aud', 'sec', 'ops', 'ext', 'public'))sql"});
  EXPECT_EQ(lines(faults), "");
}

TEST_F(RowLevelSecurity, LetsNoLoginRoleTruncateOrReference) {
  const auto faults = superuser.run({"test.uncovered", R"sql(
    SELECT r.rolname || ' may ' || privilege || ' ' || c.oid::regclass AS fault
      FROM pg_class c, pg_roles r, unnest(ARRAY['TRUNCATE', 'REFERENCES', 'TRIGGER']) privilege
     WHERE c.relkind IN ('r', 'p') AND r.rolname ~ '^application_' AND r.rolcanlogin
       AND relnamespace
           IN ('core'::regnamespace, 'aud'::regnamespace, 'sec'::regnamespace, 'ops'::regnamespace)
       AND (has_table_privilege(r.oid, c.oid, privilege)
            OR (privilege = 'REFERENCES' AND has_any_column_privilege(r.oid, c.oid, privilege))))sql"});
  EXPECT_EQ(lines(faults), "");
}

TEST_F(RowLevelSecurity, ShowsNothingWithoutAContext) {
  for (const char* role :
       {"application_user", "application_admin", "application_auth", "application_sealer"}) {
    SyncConnection connection = as(role);
    EXPECT_EQ(state_of(connection, R"sql(
      DO $$ DECLARE t regclass; seen bigint; BEGIN
        FOR t IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
                  WHERE relkind IN ('r', 'p') AND nspname IN ('core', 'sec', 'aud', 'ops') LOOP
          BEGIN
            EXECUTE format('SELECT count(*) FROM %s', t) INTO seen;
          EXCEPTION WHEN insufficient_privilege THEN CONTINUE; END;
          IF seen > 0 THEN RAISE 'rows of % are visible', t; END IF;
        END LOOP;
      END $$)sql"),
              "")
        << role;
  }
}

TEST_F(RowLevelSecurity, CountsZeroRatherThanFailsOnTheTablesOfARequest) {
  SyncConnection connection = as("application_user");
  const auto rows = connection.run({"test.counts", R"sql(
    SELECT (SELECT count(*) FROM core.users) + (SELECT count(*) FROM core.events)
         + (SELECT count(*) FROM core.event_inventory) + (SELECT count(*) FROM core.bookings) AS n)sql"});
  EXPECT_EQ(rows[0].get<std::int64_t>("n"), 0);
}

TEST_F(RowLevelSecurity, ShowsPeopleThemselvesUnderTheirContext) {
  EXPECT_EQ(people_seen(context(kAda, kAdasSession)), 1);
}

TEST_F(RowLevelSecurity, ShowsNothingUnderAForgedOrEditedContext) {
  const std::string good = context(kAda, kAdasSession);
  std::string other_user = good;
  other_user.replace(other_user.find(kAda), 36, kBob);
  std::string other_mac = good;
  other_mac.back() = other_mac.back() == '0' ? '1' : '0';
  const postgres::ContextSigner stranger(1, std::string(32, 'x'), clock);
  const postgres::ContextSigner other_kid(2, MigratedDatabase::context_key(), clock);
  const postgres::Actor ada{*parse_uuid(kAda), *parse_uuid(kAdasSession), "request-1", "192.0.2.1"};

  EXPECT_EQ(people_seen(other_user), 0);
  EXPECT_EQ(people_seen(other_mac), 0);
  EXPECT_EQ(people_seen(stranger.sign(ada)), 0);
  EXPECT_EQ(people_seen(other_kid.sign(ada)), 0);
  EXPECT_EQ(people_seen(good + "0"), 0);
}

TEST_F(RowLevelSecurity, ShowsNothingUnderAMalformedContextAndNeverFails) {
  for (const std::string& ctx :
       {std::string(""), std::string("|||||||"), std::string(kAda), std::string(600, '1'),
        std::string("1|1|x|y|r|99999999999999999999|z|m"), std::string("1|x|||r|1||m"),
        std::string("1|999999|||r|999999999999||m"), std::string("'; DROP TABLE core.users; --")}) {
    EXPECT_EQ(people_seen(ctx), 0) << ctx;
  }
}

TEST_F(RowLevelSecurity, ShowsNothingUnderAnExpiredContext) {
  EXPECT_EQ(people_seen(context(kAda, kAdasSession, std::chrono::seconds(-2))), 0);
}

TEST_F(RowLevelSecurity, ShowsNothingWithSomebodyElsesSession) {
  EXPECT_EQ(people_seen(context(kAda, kBobsSession)), 0);
}

TEST_F(RowLevelSecurity, ShowsNothingOnceTheSessionIsRevokedExpiredOrItsOwnerDisabled) {
  const std::string ctx = context(kAda, kAdasSession);
  superuser.script("test.revoke", "UPDATE sec.sessions SET revoked_at = now()");
  EXPECT_EQ(people_seen(ctx), 0);
  superuser.script("test.expire", "UPDATE sec.sessions SET revoked_at = NULL, expires_at = now()");
  EXPECT_EQ(people_seen(ctx), 0);
  superuser.script("test.disable",
                   "UPDATE sec.sessions SET expires_at = now() + interval '1 day';"
                   "UPDATE core.users SET is_active = false");
  EXPECT_EQ(people_seen(ctx), 0);
  superuser.script("test.enable", "UPDATE core.users SET is_active = true");
  EXPECT_EQ(people_seen(ctx), 1);
}

TEST_F(RowLevelSecurity, HidesKeysCredentialsAndSessionsFromEveryLogin) {
  for (const char* role : kLoginRoles) {
    SyncConnection connection = as(role);
    for (const char* table : {"sec.context_keys", "sec.credentials", "sec.sessions",
                              "sec.role_permissions", "ops.schema_migrations"}) {
      EXPECT_EQ(state_of(connection, std::string("SELECT 1 FROM ") + table), kDenied)
          << role << " " << table;
    }
  }
}

TEST_F(RowLevelSecurity, LetsNoLoginWriteTheAuditTrail) {
  for (const char* role : kLoginRoles) {
    SyncConnection connection = as(role);
    EXPECT_EQ(state_of(connection,
                       "INSERT INTO aud.event (action, object_id, changes) VALUES ('x', "
                       "gen_random_uuid(), '{}')"),
              kDenied)
        << role;
    EXPECT_EQ(state_of(connection, "UPDATE aud.event SET action = 'x'"), kDenied) << role;
    EXPECT_EQ(state_of(connection, "DELETE FROM aud.event"), kDenied) << role;
    EXPECT_EQ(state_of(connection, "TRUNCATE aud.event"), kDenied) << role;
  }
}

TEST_F(RowLevelSecurity, LetsNoLoginBecomeAnOwner) {
  for (const char* role : kLoginRoles) {
    SyncConnection connection = as(role);
    for (const char* owner :
         {"evently_owner", "evently_keys", "application_booking", "application_audit"}) {
      EXPECT_EQ(state_of(connection, std::string("SET ROLE ") + owner), kDenied)
          << role << " " << owner;
    }
  }
}

TEST_F(RowLevelSecurity, LetsOnlyTheDoorAskForCredentialsAndSessions) {
  for (const char* role : {"application_user", "application_public", "application_admin",
                           "application_worker", "application_sealer"}) {
    SyncConnection connection = as(role);
    for (const char* call : {"sec.find_credentials('\\x00', NULL, 10, 3600)", "sec.admit('', '')",
                             "sec.close_session(true)",
                             "sec.open_session(gen_random_uuid(), gen_random_uuid(), NULL, NULL)",
                             "sec.open_proved_session(gen_random_uuid(), gen_random_uuid(), NULL, "
                             "NULL, 1, NULL, false)",
                             "sec.register_user(gen_random_uuid(), '', '', '', '', '')",
                             "sec.renew_hash(gen_random_uuid(), '', '')", "sec.open_context('')"}) {
      EXPECT_EQ(state_of(connection, std::string("SELECT ") + call), kDenied)
          << role << " " << call;
    }
  }
}

TEST_F(RowLevelSecurity, LetsTheDoorMakeNoAdministrator) {
  SyncConnection door = as("application_auth");
  EXPECT_EQ(state_of(door,
                     "SELECT sec.register_user(gen_random_uuid(), 'e@example.org', sha256('e'), "
                     "'Eve', 'admin', 'x')"),
            kDenied);
}

TEST_F(RowLevelSecurity, LetsNobodyWriteThePeople) {
  SyncConnection connection = as("application_user");
  connection.run({"test.enter", "SELECT set_config('app.ctx', $1, false)"},
                 postgres::parameters(context(kAda, kAdasSession)));
  EXPECT_EQ(state_of(connection, "UPDATE core.users SET role = 'admin'"), kDenied);
  EXPECT_EQ(state_of(connection, "DELETE FROM core.users"), kDenied);
}

}  // namespace
}  // namespace evently::testing
