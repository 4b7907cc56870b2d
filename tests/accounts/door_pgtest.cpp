#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/door.hpp"
#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"
#include "support/account_fixture.hpp"
#include "support/forged_tokens.hpp"

namespace evently::testing {
namespace {

using observability::SecurityEventType;
using std::chrono::hours;
using ::testing::MatchesRegex;

class Door : public AccountFixture {
 protected:
  crypto::Claims claims_of(const std::string& text) {
    return tokens.verify(text, clock.now()).value();
  }
  std::string token = token_of_new("ada@example.org");
};

TEST_F(Door, AdmitsABearerTokenWhateverTheSchemesCase) {
  EXPECT_EQ(get("/probe/signed-in", bearer(token)).body, "user");
  EXPECT_EQ(get("/probe/signed-in", {{"authorization", "bEARER " + token}}).body, "user");
}

TEST_F(Door, AdmitsASessionCookieAmongOthers) {
  EXPECT_EQ(get("/probe/signed-in", cookie(token)).body, "user");
  EXPECT_EQ(get("/probe/signed-in",
                {{"cookie", "a=b"}, {"cookie", "__Host-evently_session=" + token + "; c=d"}})
                .body,
            "user");
}

TEST_F(Door, RefusesMoreThanOneCredential) {
  Headers both = bearer(token);
  both.push_back(cookie(token)[0]);
  const std::string pair = "__Host-evently_session=" + token;
  for (const Headers& headers :
       {both, Headers{{"cookie", pair + "; " + pair}}, Headers{{"cookie", pair}, {"cookie", pair}},
        Headers{bearer(token)[0], bearer(token)[0]},
        Headers{{"authorization", "Basic eDp5"}, {"cookie", pair}}}) {
    const auto refused = get("/probe/signed-in", headers);
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(text(refused, "/code"), "ambiguous_credentials");
  }
}

TEST_F(Door, GivesOneAndTheSameAnswerToEveryTokenThatDoesNotCount) {
  const auto nobody = get("/probe/signed-in");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(text(nobody, "/code"), "authentication_required");
  EXPECT_EQ(header(nobody, "WWW-Authenticate"), "Bearer");

  const auto forgeries = forged_tokens(token, claims_of(token), std::string(32, 't'), clock.now());
  EXPECT_GE(forgeries.size(), 60U);
  for (const std::string& forged : forgeries) {
    const auto refused = get("/probe/signed-in", bearer(forged));
    EXPECT_EQ(refused.status, 401) << forged;
    EXPECT_EQ(without_error_id(refused), without_error_id(nobody)) << forged;
    EXPECT_EQ(refused.headers, nobody.headers) << forged;
  }
  EXPECT_EQ(get("/probe/signed-in", {{"authorization", "Basic " + token}}).status, 401);
  EXPECT_EQ(get("/probe/signed-in", {{"authorization", token}}).status, 401);
}

TEST_F(Door, TakesBackACookieThatDoesNotCount) {
  post("/api/v1/auth/logout", "", bearer(token));
  const auto refused = get("/probe/optional", cookie(token));
  EXPECT_EQ(refused.status, 401);
  EXPECT_THAT(header(refused, "Set-Cookie"), MatchesRegex("__Host-evently_session=; .*Max-Age=0"));
}

TEST_F(Door, AsksForNothingWhereEverybodyMayCome) {
  EXPECT_EQ(get("/probe/optional").body, "nobody");
  EXPECT_EQ(get("/probe/optional", bearer(token)).body, "user");
}

TEST_F(Door, RefusesAMissingPermissionNamingItAndTheRole) {
  const auto refused = get("/probe/admin", bearer(token));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/code"), "insufficient_permissions");
  EXPECT_EQ(text(refused, "/required"), "user:manage");
  EXPECT_EQ(text(refused, "/user_role"), "user");
}

TEST_F(Door, CountsAChangedRoleFromTheNextCall) {
  arrange("UPDATE core.users SET role = 'admin'");
  EXPECT_EQ(get("/probe/admin", bearer(token)).body, "admin");
  arrange("UPDATE core.users SET role = 'user'");
  const auto refused = get("/probe/admin", bearer(token));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/user_role"), "user");
}

TEST_F(Door, RefusesADisabledPersonFromTheNextCall) {
  arrange("UPDATE core.users SET is_active = false");
  EXPECT_EQ(get("/probe/signed-in", bearer(token)).status, 401);
  EXPECT_EQ(get("/api/v1/me", bearer(token)).status, 401);
}

TEST_F(Door, RefusesASessionThatEndedInTheDatabase) {
  arrange("UPDATE sec.sessions SET expires_at = now()");
  EXPECT_EQ(get("/probe/signed-in", bearer(token)).status, 401);
  arrange("UPDATE sec.sessions SET expires_at = now() + interval '1 day', revoked_at = now()");
  EXPECT_EQ(get("/probe/signed-in", bearer(token)).status, 401);
}

TEST_F(Door, MakesNoRoundTripWhereTheStatementProves) {
  postgres::Pool dead(
      io, {"application_auth", "host=/nonexistent dbname=evently user=application_auth"});
  accounts::Door closed(dead, tokens, signer, clock, guard, {key_book, key_usage}, security);
  const http::Request wish = request(http::Method::Post, "/", bearer(token));
  const auto admitted =
      run_task(io, closed.admit(wish, http::proved_in_statement("booking:create")));
  ASSERT_TRUE(admitted);
  EXPECT_EQ(admitted->role, "user");
  EXPECT_EQ(admitted->user_id, claims_of(token).user_id);
  EXPECT_EQ(admitted->session_id, claims_of(token).jti);
  EXPECT_THROW(run_task(io, closed.admit(wish, http::signed_in())), postgres::ConnectionLost);
}

TEST_F(Door, HandsOnAContextTheDatabaseBelieves) {
  const http::Request wish = request(http::Method::Get, "/", bearer(token));
  const auto admitted = run_task(io, door.admit(wish, http::signed_in()));
  ASSERT_TRUE(admitted);
  constexpr postgres::Statement kWho{"test.who", "SELECT sec.uid() AS id"};
  EXPECT_EQ(run_task(io, people.run({admitted->context}, kWho, {}))[0].get<Uuid>("id"),
            admitted->user_id);
}

TEST_F(Door, LetsOnlyOurPagesChangeThingsByCookie) {
  const auto post_with = [&](const Headers& headers) {
    return call(http::Method::Post, "/probe/signed-in", headers, "{}");
  };
  EXPECT_EQ(post_with(page(token)).body, "user");
  const auto refused = post_with(cookie(token));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/code"), "csrf_failed");
  EXPECT_EQ(security.count(SecurityEventType::CsrfFailed), 1U);

  post("/api/v1/auth/logout", "", bearer(token));
  EXPECT_EQ(post_with(page(token)).status, 401) << "a token outlives its session for nobody";
}

TEST_F(Door, TellsTheWatchOfTokensThatDoNotCountAndPermissionsThatAreMissing) {
  get("/probe/signed-in");
  EXPECT_TRUE(security.seen().empty());
  get("/probe/signed-in", bearer("forged"));
  get("/probe/admin", bearer(token));
  post("/api/v1/auth/logout", "", bearer(token));
  get("/probe/signed-in", bearer(token));
  get("/probe/signed-in", {bearer(token)[0], bearer(token)[0]});
  const auto seen = security.seen();
  ASSERT_EQ(seen.size(), 4U);
  EXPECT_EQ(seen[0].type, SecurityEventType::TokenMisuse);
  EXPECT_EQ(seen[0].client_address, "192.0.2.7");
  EXPECT_EQ(seen[0].request_id, "request-of-test");
  EXPECT_EQ(seen[1].type, SecurityEventType::PermissionDenied);
  EXPECT_EQ(seen[1].detail, "user:manage");
  EXPECT_EQ(seen[2].type, SecurityEventType::TokenMisuse);
  EXPECT_EQ(seen[2].user_id, claims_of(token).user_id);
  EXPECT_EQ(seen[3].type, SecurityEventType::SuspiciousRequest);
}

TEST_F(Door, AsksNoProofOfOriginOfABearerOrAReader) {
  Headers headers = bearer(token);
  headers.emplace_back("sec-fetch-site", "cross-site");
  EXPECT_EQ(call(http::Method::Post, "/probe/signed-in", headers).status, 200);
  EXPECT_EQ(get("/probe/signed-in", cookie(token)).status, 200);
}

}  // namespace
}  // namespace evently::testing
