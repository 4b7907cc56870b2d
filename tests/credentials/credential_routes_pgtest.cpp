#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/credential_routes.hpp"
#include "support/account_fixture.hpp"
#include "support/remembering_mailer.hpp"

namespace evently::testing {
namespace {

using http::Method;
using observability::SecurityEventType;
using ::testing::HasSubstr;
using ::testing::SizeIs;

constexpr char kNewPassword[] = "wrong donkey battery";

Task<http::Response> done(http::Request) { co_return http::no_content(); }

class CredentialRoutes : public AccountFixture {
 protected:
  CredentialRoutes() {
    serve({credential_routes.table(),
           routes.table(),
           {{Method::Get, "/probe/recent", http::recently(http::signed_in()), "", done}}},
          door_with_sightings);
  }

  http::Response change(const std::string& token, const std::string& current,
                        const std::string& wanted = kNewPassword) {
    return asked(Method::Post, "/api/v1/auth/password", token,
                 R"({"current_password":")" + current + R"(","new_password":")" + wanted + "\"}");
  }
  http::Response step_up(const std::string& token, const std::string& password = kPassword) {
    return asked(Method::Post, "/api/v1/auth/step-up", token,
                 R"({"password":")" + password + "\"}");
  }
  bool lives(const std::string& token) {
    return asked(Method::Get, "/api/v1/me", token).status == 200;
  }
  std::string session_id(const std::string& token) {
    return to_string(tokens.verify(token, clock.now())->jti);
  }
  void write_sightings() {
    std::vector<std::optional<std::string>> ids;
    for (const Uuid& id : sightings.drain()) ids.emplace_back(to_string(id));
    worker.run({"test.note", "SELECT sec.note_sightings($1::uuid[])"},
               postgres::parameters(postgres::encode_array(ids)));
  }
  /// As if the session had been opened, and seen last, that long ago.
  void age(const std::string& token, const std::string& opened, const std::string& seen) {
    const std::string id = "'" + session_id(token) + "'";
    arrange("UPDATE sec.sessions SET created_at = now() - interval '" + opened +
            "' WHERE id = " + id + "; DELETE FROM sec.session_sightings WHERE session_id = " + id +
            "; INSERT INTO sec.session_sightings VALUES (" + id + ", now() - interval '" + seen +
            "')");
  }
  void promote(const std::string& email) {
    arrange("UPDATE core.users SET role = 'admin' WHERE email = '" + email + "'");
  }

  SecurityRecorder sink;
  RememberingMailer mailer;
  GatheredIds sightings;
  postgres::SyncConnection worker{database.conninfo("application_worker")};
  accounts::Door door_with_sightings{
      auth, tokens, signer, clock, guard, {key_book, key_usage}, security, &sightings};
  credentials::OwnProof own_proof{auth, {hasher, hash_pool, tokens, signer, lookup_key, {}, &sink}};
  credentials::CredentialRoutes credential_routes{auth, own_proof, mailer};
};

TEST_F(CredentialRoutes, ListOwnLiveSessionsNewestFirst) {
  const std::string old = token_of_new("ada@example.org");
  const std::string current = token_of("ada@example.org");
  token_of_new("bob@example.org");
  const auto answer = asked(Method::Get, "/api/v1/auth/sessions", current);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(answer.compressible);
  EXPECT_THAT(json(answer).at("items").as_array(), SizeIs(2));
  EXPECT_EQ(text(answer, "/items/0/id"), session_id(current));
  EXPECT_EQ(text(answer, "/items/0/is_current"), "true");
  EXPECT_EQ(text(answer, "/items/1/id"), session_id(old));
  EXPECT_EQ(text(answer, "/items/1/is_current"), "false");
  EXPECT_EQ(text(answer, "/items/1/address"), "192.0.2.7");
  EXPECT_EQ(text(answer, "/items/1/user_agent"), "Tester/1.0");
}

TEST_F(CredentialRoutes, TellWhenASessionWasLastSeen) {
  const std::string token = token_of_new("ada@example.org");
  age(token, "3 hours", "2 hours");
  const auto before = asked(Method::Get, "/api/v1/auth/sessions", token);
  write_sightings();
  const auto after = asked(Method::Get, "/api/v1/auth/sessions", token);
  EXPECT_LT(text(before, "/items/0/last_seen_at"), text(after, "/items/0/last_seen_at"));
  EXPECT_EQ(text(before, "/items/0/created_at"), text(after, "/items/0/created_at"));
  EXPECT_THAT(sightings.drain(), SizeIs(1)) << "the request after the drain is gathered again";
}

TEST_F(CredentialRoutes, EndAnOwnSessionAndNobodyElses) {
  const std::string other = token_of_new("ada@example.org");
  const std::string current = token_of("ada@example.org");
  const std::string bobs = token_of_new("bob@example.org");
  const auto end = [&](const std::string& id) {
    return asked(Method::Delete, "/api/v1/auth/sessions/" + id, current);
  };
  const auto foreign = end(session_id(bobs));
  const auto absent = end(to_string(make_uuid_v7()));
  EXPECT_EQ(foreign.status, 404);
  EXPECT_EQ(without_error_id(foreign), without_error_id(absent));
  EXPECT_EQ(end("no-uuid").status, 404);
  EXPECT_TRUE(lives(bobs));

  EXPECT_EQ(end(session_id(other)).status, 204);
  EXPECT_FALSE(lives(other));
  EXPECT_EQ(end(session_id(other)).status, 404);
  EXPECT_TRUE(lives(current));
  EXPECT_EQ(end(session_id(current)).status, 204);
  EXPECT_FALSE(lives(current));
}

TEST_F(CredentialRoutes, ChangeThePasswordAndEndAllOtherSessions) {
  const std::string other = token_of_new("ada@example.org");
  const std::string current = token_of("ada@example.org");
  const std::string bobs = token_of_new("bob@example.org");
  ASSERT_EQ(change(current, kPassword).status, 204);
  EXPECT_TRUE(lives(current));
  EXPECT_FALSE(lives(other));
  EXPECT_TRUE(lives(bobs));
  ASSERT_THAT(mailer.posted(), SizeIs(1)) << "the owner is told";
  EXPECT_EQ(mailer.posted()[0].to, "ada@example.org");
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", kNewPassword).status, 200);
}

TEST_F(CredentialRoutes, ChangeNothingForAWrongOrWeakPassword) {
  const std::string other = token_of_new("ada@example.org");
  const std::string current = token_of("ada@example.org");
  const auto wrong = change(current, "not my password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(text(wrong, "/code"), "invalid_credentials");
  for (const std::string weak :
       {"short", "password1234", "my name is ‹Lovelace›", "evently 4 ever"}) {
    const auto refused = change(current, kPassword, weak);
    EXPECT_EQ(refused.status, 400) << weak;
    EXPECT_EQ(text(refused, "/details/0/pointer"), "/new_password");
    EXPECT_EQ(text(refused, "/details/0/code"), "weak_password");
  }
  EXPECT_TRUE(lives(other));
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 200);
  ASSERT_THAT(sink.seen(), SizeIs(1));
  EXPECT_EQ(sink.seen()[0].type, SecurityEventType::SignInFailed);
}

TEST_F(CredentialRoutes, ChangeThePasswordOnceForManyAtATime) {
  const std::string token = token_of_new("ada@example.org");
  std::vector<Task<http::Response>> rivals;
  for (int i = 0; i < 8; ++i) {
    const std::string body = R"({"current_password":")" + std::string(kPassword) +
                             R"(","new_password":"wrong donkey battery )" + std::to_string(i) +
                             "\"}";
    rivals.push_back(begin(request(Method::Post, "/api/v1/auth/password", bearer(token), body)));
  }
  int changed = 0;
  for (const auto& answer : run_together(io, std::move(rivals))) {
    changed += answer.status == 204 ? 1 : 0;
    if (answer.status != 204) EXPECT_EQ(answer.status, 401);
  }
  EXPECT_EQ(changed, 1);
}

TEST_F(CredentialRoutes, AskForAFreshProofWhereTheRouteDoes) {
  const std::string token = token_of_new("ada@example.org");
  EXPECT_EQ(asked(Method::Get, "/probe/recent", token).status, 204);
  arrange("UPDATE sec.sessions SET auth_time = now() - interval '5 minutes 1 second'");
  const auto stale = asked(Method::Get, "/probe/recent", token);
  EXPECT_EQ(stale.status, 403);
  EXPECT_EQ(text(stale, "/code"), "step_up_required");
  EXPECT_EQ(text(stale, "/type"), "/problems/step-up-required");
  EXPECT_EQ(step_up(token, "not my password").status, 401);
  EXPECT_EQ(asked(Method::Get, "/probe/recent", token).status, 403);
  EXPECT_EQ(step_up(token).status, 204);
  EXPECT_EQ(asked(Method::Get, "/probe/recent", token).status, 204);
}

TEST_F(CredentialRoutes, LetUsersIdleAllDayAndAdministratorsHalfAnHour) {
  const std::string user = token_of_new("ada@example.org");
  const std::string admin = token_of_new("root@example.org");
  promote("root@example.org");
  age(user, "23 hours", "23 hours");
  age(admin, "2 hours", "29 minutes");
  EXPECT_TRUE(lives(user));
  EXPECT_TRUE(lives(admin));
  age(admin, "2 hours", "31 minutes");
  EXPECT_FALSE(lives(admin));
  write_sightings();  // requests before and after the end were gathered: they wake nothing
  EXPECT_FALSE(lives(admin));
  const auto context = signer.sign({tokens.verify(admin, clock.now())->user_id,
                                    tokens.verify(admin, clock.now())->jti, "request-1", ""});
  const auto seen = superuser.run({"test.desk", "SELECT user_id FROM sec.verify_many(ARRAY[$1])"},
                                  postgres::parameters(context));
  EXPECT_TRUE(seen[0].is_null("user_id")) << "nor may it book";
}

TEST_F(CredentialRoutes, EndAnAdministratorsSessionAfterTwelveHours) {
  token_of_new("root@example.org");
  promote("root@example.org");
  const std::string admin = token_of("root@example.org");
  const auto claims = *tokens.verify(admin, clock.now());
  EXPECT_EQ(claims.expires_at - claims.issued_at, std::chrono::hours(12));
  age(admin, "11 hours 59 minutes", "1 minute");
  EXPECT_TRUE(lives(admin));
  age(admin, "12 hours 1 second", "1 minute");
  EXPECT_FALSE(lives(admin));
}

}  // namespace
}  // namespace evently::testing
