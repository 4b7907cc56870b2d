// Requirement B15: what makes an API key, what ends it, and what of it is kept.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>

#include "api_keys/key_text.hpp"
#include "factors/second_factor_door.hpp"
#include "platform/crypto/hmac.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kOwnBookings[] = R"(["booking:read:own"])";

class ApiKeyLife : public AccountFixture {
 protected:
  http::Response make(const std::string& scopes, const std::string& who) {
    return post("/api/v1/api-keys", R"({"name":"till","scopes":)" + scopes + "}", bearer(who));
  }
  std::string key_for(const std::string& scopes) { return text(make(scopes, token), "/key"); }
  static Headers shown(const std::string& key) { return {{"x-api-key", key}}; }
  int probe(const std::string& key) { return get("/probe/own", shown(key)).status; }
  static std::string id_of(const std::string& key) {
    return to_string(api_keys::read_key(key).value().id);
  }

  /// What a statement under a key's context would show to the database.
  std::string context_of(const std::string& key) {
    const auto owner = tokens.verify(token, clock.now()).value().user_id;
    return signer.sign({owner, api_keys::read_key(key).value().id, "request-of-test", "192.0.2.7"});
  }
  std::string context_of_session(const std::string& who) {
    const auto claims = tokens.verify(who, clock.now()).value();
    return signer.sign({claims.user_id, claims.jti, "request-of-test", "192.0.2.7"});
  }
  postgres::Rows run_as(postgres::Pool& pool, const std::string& context,
                        const postgres::Statement& statement, postgres::Parameters values = {}) {
    return run_task(io, pool.run({context}, statement, std::move(values)));
  }
  std::int64_t count(const postgres::Statement& statement) {
    return superuser.run(statement)[0].get<std::int64_t>("n");
  }

  std::string token = token_of_new("ada@example.org");
};

TEST_F(ApiKeyLife, BeginsAndEndsAfterARecentSignInOnly) {
  const std::string key = key_for(kOwnBookings);
  arrange("UPDATE sec.sessions SET auth_time = now() - interval '6 minutes' WHERE scopes IS NULL");
  const auto refused = make(kOwnBookings, token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/code"), "step_up_required");
  const std::string path = "/api/v1/api-keys/" + id_of(key);
  EXPECT_EQ(text(call(http::Method::Delete, path, bearer(token)), "/code"), "step_up_required");
  EXPECT_EQ(json(get("/api/v1/api-keys", bearer(token))).at("items").as_array().size(), 1U);
  EXPECT_EQ(probe(key), 200);
}

TEST_F(ApiKeyLife, IsNothingAKeyDecidesAbout) {
  const std::string key = key_for(kOwnBookings);
  const std::string path = "/api/v1/api-keys/" + id_of(key);
  EXPECT_EQ(call(http::Method::Delete, path, shown(key)).status, 403);
  // The same below the routes: whatever asks under a key's context.
  const auto made = run_as(auth, context_of(key),
                           {"test.create",
                            "SELECT outcome FROM sec.create_api_key(gen_random_uuid(), 'more', "
                            "decode(repeat('00', 32), 'hex'), '{booking:read:own}', 1)"});
  EXPECT_EQ(made[0].get<std::string>("outcome"), "by_key");
  const auto revoked =
      run_as(auth, context_of(key),
             {"test.revoke",
              "SELECT bool_or(sec.revoke_api_key(s.id)) AS done FROM sec.list_api_keys() s"});
  EXPECT_FALSE(revoked[0].get<bool>("done"));
  EXPECT_EQ(probe(key), 200);
}

TEST_F(ApiKeyLife, IsNotAmongTheSessions) {
  const std::string key = key_for(kOwnBookings);
  const auto ended = run_as(auth, context_of_session(token),
                            {"test.end",
                             "SELECT bool_or(sec.end_session(s.id)) AS done, (SELECT count(*) FROM "
                             "sec.own_sessions()) AS n FROM sec.list_api_keys() s"});
  EXPECT_FALSE(ended[0].get<bool>("done"));
  EXPECT_EQ(ended[0].get<std::int64_t>("n"), 1);
  EXPECT_EQ(probe(key), 200);
}

TEST_F(ApiKeyLife, EndsWithTheAccountAndStaysDead) {
  const std::string key = key_for(kOwnBookings);
  EXPECT_EQ(probe(key), 200);
  const std::string admin = token_of_new("root@example.org");
  arrange("UPDATE core.users SET role = 'admin' WHERE id <> (SELECT user_id FROM sec.api_keys)");
  postgres::Pool admins{io, {"application_admin", database.conninfo("application_admin")}};
  const auto owner = tokens.verify(token, clock.now()).value().user_id;
  const postgres::Statement change{"test.change",
                                   "SELECT outcome FROM sec.change_user($1, NULL, $2)"};
  const auto changed =
      run_as(admins, context_of_session(admin), change, postgres::parameters(owner, false));
  EXPECT_EQ(changed[0].get<std::string>("outcome"), "changed");
  EXPECT_EQ(probe(key), 401);
  run_as(admins, context_of_session(admin), change, postgres::parameters(owner, true));
  EXPECT_EQ(probe(key), 401) << "dead, not asleep";
}

TEST_F(ApiKeyLife, EndsWithTheOldPassword) {
  const std::string key = key_for(kOwnBookings);
  const auto done = run_as(auth, context_of_session(token),
                           {"test.password",
                            "SELECT sec.prove_password((SELECT password_hash FROM "
                            "sec.own_credentials()), 'a new hash') AS done"});
  EXPECT_TRUE(done[0].get<bool>("done"));
  EXPECT_EQ(get("/api/v1/me", bearer(token)).status, 200);
  EXPECT_EQ(probe(key), 401) << "whoever had the password may have made it";
}

TEST_F(ApiKeyLife, EndsWithAResetPassword) {
  const std::string key = key_for(kOwnBookings);
  arrange(
      "INSERT INTO sec.password_resets (id, token_hash, user_id) SELECT gen_random_uuid(), "
      "decode(repeat('ab', 32), 'hex'), user_id FROM sec.api_keys");
  const auto done = run_as(
      auth, "",
      {"test.reset",
       "SELECT sec.finish_reset(decode(repeat('ab', 32), 'hex'), 'a new hash')::text AS done"});
  EXPECT_EQ(done[0].get<std::string>("done"), "true");
  EXPECT_EQ(probe(key), 401);
}

TEST_F(ApiKeyLife, EndsWithAConfirmedSecondFactor) {
  const std::string key = key_for(kOwnBookings);
  arrange(
      "INSERT INTO sec.totp (user_id, secret) SELECT user_id, repeat('x', 60) FROM sec.api_keys");
  EXPECT_EQ(probe(key), 200) << "begun is not confirmed";
  const auto done =
      run_as(auth, context_of_session(token),
             {"test.confirm", "SELECT sec.confirm_totp(repeat('x', 60), 1, '{}') AS done"});
  EXPECT_EQ(done[0].get<std::string>("done"), "confirmed");
  EXPECT_EQ(get("/api/v1/me", bearer(token)).status, 200);
  EXPECT_EQ(probe(key), 401) << "made without the factor";
}

/// A new password ends what it sees. Whoever makes a key beside it waits, and is signed out then.
TEST_F(ApiKeyLife, DoesNotBeginBesideANewPassword) {
  superuser.script("test.begin", "BEGIN");
  superuser.script("test.change",
                   "UPDATE sec.credentials SET updated_at = now();"
                   "UPDATE sec.sessions SET revoked_at = now() WHERE revoked_at IS NULL");
  // The door lets it pass: nothing is committed yet.
  auto wish = std::async(std::launch::async, [this] { return make(kOwnBookings, token); });
  EXPECT_TRUE(somebody_waits_for_a_lock("create_api_key"));
  superuser.script("test.commit", "COMMIT");
  EXPECT_EQ(wish.get().status, 401);
  EXPECT_EQ(count({"test.keys", "SELECT count(*) AS n FROM sec.api_keys"}), 0);
}

TEST_F(ApiKeyLife, LeavesTwoAuditRowsWithoutSecrets) {
  const std::string key = key_for(kOwnBookings);
  const std::string path = "/api/v1/api-keys/" + id_of(key);
  EXPECT_EQ(call(http::Method::Delete, path, bearer(token)).status, 204);
  const auto rows =
      superuser.run({"test.audit",
                     "SELECT e.action, e.actor = k.user_id AS by_owner, e.changes::text AS changes "
                     "FROM aud.event e JOIN sec.api_keys k ON k.id = e.object_id ORDER BY e.id"});
  ASSERT_EQ(rows.size(), 3);
  EXPECT_EQ(rows[0].get<std::string>("action"), "sec.sessions.insert");
  EXPECT_THAT(rows[0].get<std::string>("changes"), HasSubstr("booking:read:own"));
  EXPECT_EQ(rows[1].get<std::string>("action"), "sec.api_keys.insert");
  EXPECT_EQ(rows[2].get<std::string>("action"), "sec.sessions.update");
  EXPECT_THAT(rows[2].get<std::string>("changes"), HasSubstr("revoked_at"));
  const std::string hash = crypto::to_hex(crypto::sha256(api_keys::read_key(key)->secret));
  for (int i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(rows[i].get<bool>("by_owner"));
    EXPECT_THAT(rows[i].get<std::string>("changes"), Not(HasSubstr(hash)));
    EXPECT_THAT(rows[i].get<std::string>("changes"), Not(HasSubstr("till")));
  }
}

TEST_F(ApiKeyLife, IsInNoDumpOfTheDatabase) {
  const std::string key = key_for(kOwnBookings);
  EXPECT_EQ(probe(key), 200);
  superuser.script("test.hex", "SET xmlbinary = hex");
  const std::string dump =
      superuser.run({"test.dump", "SELECT lower(database_to_xml(true, false, '')::text) AS n"})[0]
          .get<std::string>("n");
  const auto read = api_keys::read_key(key).value();
  const std::string hash = crypto::sha256(read.secret);
  EXPECT_THAT(dump, HasSubstr(crypto::to_hex(hash))) << "the dump does hold the row";
  EXPECT_EQ(dump.find(crypto::to_hex(read.secret)), std::string::npos);
  EXPECT_EQ(dump.find(key), std::string::npos);
  // What it does hold opens nothing.
  EXPECT_EQ(probe(api_keys::write_key({read.id, hash}, false)), 401);
}

TEST_F(ApiKeyLife, IsCountedUntilItIsRevoked) {
  const std::string key = key_for(kOwnBookings);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(probe(key), 200);
  EXPECT_EQ(get("/probe/admin", shown(key)).status, 403);
  const auto uses = key_usage.pending();
  ASSERT_EQ(uses.size(), 1U);
  EXPECT_EQ(uses[0].calls, 3) << "what it may not is no use of it";
  postgres::SyncConnection worker{database.conninfo("application_worker")};
  const postgres::Statement note{"test.note",
                                 "SELECT sec.note_api_key_use(ARRAY[$1::uuid], ARRAY[3::bigint], "
                                 "ARRAY[now()])"};
  const auto values = postgres::parameters(uses[0].key_id);
  worker.run(note, values);
  worker.run(note, values);
  EXPECT_EQ(text(get("/api/v1/api-keys", bearer(token)), "/items/0/calls"), "6");
  EXPECT_NE(text(get("/api/v1/api-keys", bearer(token)), "/items/0/last_used_at"), "null");
  call(http::Method::Delete, "/api/v1/api-keys/" + id_of(key), bearer(token));
  worker.run(note, values);
  EXPECT_EQ(count({"test.calls", "SELECT calls AS n FROM sec.api_key_use"}), 6);
}

TEST_F(ApiKeyLife, ATypoAsksNoDatabase) {
  const std::string key = key_for(kOwnBookings);
  postgres::Pool dead(
      io, {"application_auth", "host=/nonexistent dbname=evently user=application_auth"});
  api_keys::ApiKeyRepository unreachable(dead);
  api_keys::KeyBook empty_book(unreachable);
  std::string typo = key;
  typo[60] = typo[60] == 'a' ? 'b' : 'a';
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
  EXPECT_FALSE(run_task(io, empty_book.identify(typo, deadline)));
  EXPECT_ANY_THROW(run_task(io, empty_book.identify(key, deadline))) << "a whole one does";
}

TEST_F(ApiKeyLife, IsNoWayAroundTheSecondFactor) {
  arrange("UPDATE core.users SET role = 'admin'");
  const std::string as_user = key_for(kOwnBookings);
  const std::string as_admin = key_for(R"(["booking:read:own","booking:read:all"])");
  const std::string plain_token = token_of_new("eve@example.org");
  const std::string plain = text(make(kOwnBookings, plain_token), "/key");
  crypto::KeyRing ring = crypto::ring_of(std::string(32, 'f'));
  factors::TotpRepository repository_of_factors{auth};
  factors::TotpService factors{repository_of_factors, ring, clock};
  factors::SecondFactorDoor strict{door, factors, true};
  const auto code_at = [&](const std::string& key, const http::Access& access) {
    const auto asked = request(http::Method::Get, "/api/v1/bookings", shown(key));
    const auto admitted = run_task(io, strict.admit(asked, access));
    return admitted ? "admitted" : admitted.error().code;
  };
  for (const std::string& key : {as_user, as_admin}) {
    EXPECT_EQ(code_at(key, http::needs("booking:read:own")), "second_factor_required");
    EXPECT_EQ(code_at(key, http::anyone_or_signed_in()), "second_factor_required");
  }
  EXPECT_EQ(code_at(plain, http::needs("booking:read:own")), "admitted");
  const std::string booker = key_for(R"(["booking:create"])");
  EXPECT_EQ(code_at(booker, http::proved_in_statement("booking:create")), "second_factor_required");
  arrange(
      "INSERT INTO sec.totp (user_id, secret, confirmed_at) SELECT id, repeat('x', 60), now() "
      "FROM core.users WHERE role = 'admin'");
  EXPECT_EQ(code_at(as_user, http::needs("booking:read:own")), "admitted");
}

/// Row by row, whatever a route forgets to ask.
TEST_F(ApiKeyLife, SeesInTheDatabaseWhatItsScopesSay) {
  arrange("UPDATE core.users SET role = 'admin'");
  arrange(
      "INSERT INTO core.events (id, name, venue, event_date, status) "
      "VALUES (gen_random_uuid(), 'Meetup', 'Hall', now(), 'draft')");
  postgres::Pool admins{io, {"application_admin", database.conninfo("application_admin")}};
  const postgres::Statement events{"test.events", "SELECT count(*) AS n FROM core.events"};
  const auto seen = [&](const std::string& scopes) {
    return run_as(admins, context_of(key_for(scopes)), events)[0].get<std::int64_t>("n");
  };
  EXPECT_EQ(seen(kOwnBookings), 0);
  for (const char* scopes :
       {R"(["event:read"])", R"(["event:create"])", R"(["event:update"])", R"(["event:delete"])"}) {
    EXPECT_EQ(seen(scopes), 1) << scopes;
  }
  arrange(
      "INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, "
      "total_amount, currency) SELECT gen_random_uuid(), 'EVT-1', e.id, u.id, 1, 0, 'EUR' FROM "
      "core.events e, core.users u");
  const postgres::Statement bookings{"test.bookings", "SELECT count(*) AS n FROM core.bookings"};
  const auto own = [&](const std::string& context) {
    return run_as(people, context, bookings)[0].get<std::int64_t>("n");
  };
  EXPECT_EQ(own(context_of_session(token)), 1);
  EXPECT_EQ(own(context_of(key_for(kOwnBookings))), 1);
  EXPECT_EQ(own(context_of(key_for(R"(["booking:create"])"))), 0);
}

}  // namespace
}  // namespace evently::testing
