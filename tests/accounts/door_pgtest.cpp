#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/door.hpp"
#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

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

/// Tokens that look like ours and are not.
std::vector<std::string> forgeries(const std::string& good, const crypto::Claims& claims,
                                   TimePoint now) {
  const std::size_t first = good.find('.');
  const std::size_t last = good.rfind('.');
  const std::string header = good.substr(0, first);
  const std::string payload = good.substr(first + 1, last - first - 1);
  const std::string mac = good.substr(last + 1);
  const auto with_header = [&](const std::string& text, const std::string& key) {
    const std::string part = crypto::base64url_encode(text) + "." + payload;
    return part + "." + crypto::base64url_encode(crypto::hmac_sha256(key, part));
  };
  const auto signed_by = [&](char key, const std::string& kid, crypto::Claims changed) {
    return crypto::TokenKeys({{kid, std::string(32, key)}}, kid).issue(changed);
  };
  crypto::Claims expired = claims;
  expired.issued_at = now - hours(25);
  expired.expires_at = now - hours(1);
  crypto::Claims early = claims;
  early.issued_at = now + hours(1);
  crypto::Claims no_session = claims;
  no_session.jti = make_uuid_v7();
  crypto::Claims not_theirs = claims;
  not_theirs.user_id = make_uuid_v7();
  std::string flipped = mac;
  flipped.back() =
      flipped.back() == 'A' ? 'B' : 'A';  // changes the spare bits of the last character too

  return {"",
          ".",
          "..",
          "...",
          "abc",
          header + "." + payload,
          header + "." + payload + ".",
          header + "." + payload + "." + flipped,
          good + "=",
          good + "A",
          " " + good,
          good + " ",
          header + "=." + payload + "." + mac,
          header + "." + payload + "=." + mac,
          good + "." + mac,
          crypto::base64url_encode(R"({"alg":"none","typ":"JWT","kid":"1"})") + "." + payload + ".",
          with_header(R"({"alg":"none","typ":"JWT","kid":"1"})", std::string(32, 't')),
          with_header(R"({"alg":"HS512","typ":"JWT","kid":"1"})", std::string(32, 't')),
          with_header(R"({"typ":"JWT","alg":"HS256","kid":"1"})", std::string(32, 't')),
          with_header(R"({"alg":"HS256","typ":"JWT","kid":"1","jku":"https://evil.example/k"})",
                      std::string(32, 't')),
          with_header(R"({"alg":"HS256","typ":"JWT","kid":"1","kid":"1"})", std::string(32, 't')),
          with_header(R"({"alg":"HS256","typ":"JWT"})", std::string(32, 't')),
          signed_by('x', "1", claims),
          signed_by('t', "2", claims),
          signed_by('t', "1", expired),
          signed_by('t', "1", early),
          signed_by('t', "1", no_session),
          signed_by('t', "1", not_theirs),
          good + std::string(2000, 'A')};
}

TEST_F(Door, GivesOneAndTheSameAnswerToEveryTokenThatDoesNotCount) {
  const auto nobody = get("/probe/signed-in");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(text(nobody, "/code"), "authentication_required");
  EXPECT_EQ(header(nobody, "WWW-Authenticate"), "Bearer");

  for (const std::string& forged : forgeries(token, claims_of(token), clock.now())) {
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
  accounts::Door closed(dead, tokens, signer, clock);
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
  const auto status_with = [&](const Headers& more) {
    Headers headers = cookie(token);
    headers.insert(headers.end(), more.begin(), more.end());
    return call(http::Method::Post, "/probe/signed-in", headers).status;
  };
  EXPECT_EQ(status_with({{"sec-fetch-site", "same-origin"}}), 200);
  EXPECT_EQ(status_with({{"origin", "http://127.0.0.1:8080"}}), 200);
  EXPECT_EQ(status_with({{"origin", "https://127.0.0.1:8080"}}), 200);
  EXPECT_EQ(status_with({}), 403);
  EXPECT_EQ(status_with({{"origin", "null"}}), 403);
  EXPECT_EQ(status_with({{"origin", "https://127.0.0.1"}}), 403);
  EXPECT_EQ(status_with({{"origin", "https://127.0.0.1:8080.evil.example"}}), 403);
  for (const char* site : {"cross-site", "same-site", "none"}) {
    EXPECT_EQ(status_with({{"sec-fetch-site", site}}), 403) << site;
    EXPECT_EQ(status_with({{"sec-fetch-site", site}, {"origin", "http://127.0.0.1:8080"}}), 403)
        << site;
  }
}

TEST_F(Door, TrustsPlainHttpPagesOfThisMachineOnly) {
  const auto status_from = [&](const std::string& host, const std::string& origin) {
    http::Request wish = request(http::Method::Post, "/probe/signed-in", cookie(token));
    for (auto& [name, value] : wish.headers) {
      if (name == "host") value = host;
    }
    wish.headers.emplace_back("origin", origin);
    return run_task(io, begin(std::move(wish))).status;
  };
  EXPECT_EQ(status_from("events.example", "https://events.example"), 200);
  EXPECT_EQ(status_from("events.example", "http://events.example"), 403);
  EXPECT_EQ(status_from("localhost:8080", "http://localhost:8080"), 200);
  EXPECT_EQ(status_from("localhost.evil.example", "http://localhost.evil.example"), 403);
}

TEST_F(Door, AsksNoProofOfOriginOfABearerOrAReader) {
  Headers headers = bearer(token);
  headers.emplace_back("sec-fetch-site", "cross-site");
  EXPECT_EQ(call(http::Method::Post, "/probe/signed-in", headers).status, 200);
  EXPECT_EQ(get("/probe/signed-in", cookie(token)).status, 200);
}

}  // namespace
}  // namespace evently::testing
