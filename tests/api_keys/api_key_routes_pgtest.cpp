#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api_keys/key_text.hpp"
#include "platform/crypto/hmac.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using observability::SecurityEventType;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class ApiKeys : public AccountFixture {
 protected:
  http::Response make(const std::string& scopes, const std::string& more = "") {
    return post("/api/v1/api-keys", R"({"name":"till","scopes":)" + scopes + more + "}",
                bearer(token));
  }
  std::string key_for(const std::string& scopes) { return text(make(scopes), "/key"); }
  static Headers shown(const std::string& key) { return {{"x-api-key", key}}; }

  std::string token = token_of_new("ada@example.org");
};

TEST_F(ApiKeys, AreShownOnceAndKeptAsHashes) {
  const auto made = make(R"(["booking:read:own","booking:create","booking:create"])");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_FALSE(made.compressible);
  const std::string key = text(made, "/key");
  EXPECT_THAT(key, MatchesRegex("evk_test_[0-9a-f]{32}_[0-9a-f]{64}_[0-9a-f]{8}"));
  EXPECT_EQ(header(made, "Location"), "/api/v1/api-keys/" + text(made, "/id"));
  EXPECT_EQ(text(made, "/scopes"), R"(["booking:create","booking:read:own"])");

  const auto listed = get("/api/v1/api-keys", bearer(token));
  EXPECT_EQ(listed.status, 200);
  EXPECT_EQ(text(listed, "/items/0/name"), "till");
  EXPECT_EQ(text(listed, "/items/0/calls"), "0");
  EXPECT_THAT(listed.body, Not(HasSubstr("evk_")));

  const auto read = api_keys::read_key(key).value();
  const auto rows = superuser.run(
      {"test.kept",
       "SELECT (SELECT string_agg(k::text, '') FROM sec.api_keys k) || (SELECT string_agg(s::text, "
       "'') FROM sec.sessions s) || (SELECT string_agg(e::text, '') FROM aud.event e) AS dump, "
       "(SELECT encode(secret_hash, 'hex') FROM sec.api_keys) AS hash, (SELECT round(extract(epoch "
       "FROM expires_at - now()) / 86400)::bigint FROM sec.sessions WHERE scopes IS NOT NULL) AS "
       "d"});
  EXPECT_THAT(rows[0].get<std::string>("dump"), Not(HasSubstr(crypto::to_hex(read.secret))));
  EXPECT_EQ(rows[0].get<std::string>("hash"), crypto::to_hex(crypto::sha256(read.secret)));
  EXPECT_EQ(rows[0].get<std::int64_t>("d"), 90);
}

TEST_F(ApiKeys, MayWhatTheirScopesSayAndNoMore) {
  const std::string key = key_for(R"(["booking:read:own"])");
  EXPECT_EQ(get("/probe/own", shown(key)).body, "user");
  EXPECT_EQ(get("/probe/own", shown(key)).status, 200) << "known by now";
  const auto refused = get("/probe/admin", shown(key));
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/required"), "user:manage");
  EXPECT_EQ(security.count(SecurityEventType::PermissionDenied), 1U);
}

TEST_F(ApiKeys, DoNotActForTheirOwnersAccount) {
  const std::string key = key_for(R"(["booking:read:own"])");
  const std::string wish = R"({"name":"more","scopes":["booking:create"]})";
  for (const auto& answer :
       {get("/api/v1/me", shown(key)), post("/api/v1/auth/logout", "", shown(key)),
        post("/api/v1/api-keys", wish, shown(key)), get("/api/v1/api-keys", shown(key))}) {
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(text(answer, "/required"), "sign_in");
  }
}

TEST_F(ApiKeys, NeverMayMoreThanTheirOwnerMayNow) {
  EXPECT_EQ(text(make(R"(["booking:create","user:manage"])"), "/required"), "user:manage");
  EXPECT_EQ(text(make(R"(["no:such"])"), "/required"), "no:such");
  arrange("UPDATE core.users SET role = 'admin'");
  const std::string key = key_for(R"(["user:manage"])");
  EXPECT_EQ(get("/probe/admin", shown(key)).body, "admin");
  EXPECT_EQ(get("/probe/own", shown(key)).status, 403) << "its owner may, it may not";
  arrange("UPDATE core.users SET role = 'user'");
  EXPECT_EQ(get("/probe/admin", shown(key)).status, 403);
  arrange("UPDATE core.users SET is_active = false");
  EXPECT_EQ(get("/probe/admin", shown(key)).status, 401);
}

TEST_F(ApiKeys, ActAsUsersWhereTheyAreAllowedTheirOwnRowsOnly) {
  arrange("UPDATE core.users SET role = 'admin'");
  EXPECT_EQ(get("/probe/own", shown(key_for(R"(["booking:read:own"])"))).body, "user");
  EXPECT_EQ(get("/probe/own", shown(key_for(R"(["booking:read:own","booking:read:all"])"))).body,
            "admin");
}

TEST_F(ApiKeys, EndAtOnceWhenRevokedOrExpired) {
  const auto made = make(R"(["booking:read:own"])");
  const std::string key = text(made, "/key");
  EXPECT_EQ(get("/probe/own", shown(key)).status, 200);
  const std::string path = "/api/v1/api-keys/" + text(made, "/id");
  const std::string stranger = token_of_new("eve@example.org");
  EXPECT_EQ(call(http::Method::Delete, path, bearer(stranger)).status, 404);
  EXPECT_EQ(call(http::Method::Delete, path, bearer(token)).status, 204);
  const auto refused = get("/probe/own", shown(key));
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(without_error_id(refused), without_error_id(get("/probe/own")));
  EXPECT_EQ(call(http::Method::Delete, path, bearer(token)).status, 404);
  EXPECT_EQ(security.count(SecurityEventType::TokenMisuse), 1U);

  const std::string late = key_for(R"(["booking:read:own"])");
  arrange("UPDATE sec.sessions SET expires_at = now() WHERE scopes IS NOT NULL");
  EXPECT_EQ(get("/probe/own", shown(late)).status, 401);
}

TEST_F(ApiKeys, GiveOneAnswerToEveryTextThatIsNone) {
  const std::string key = key_for(R"(["booking:read:own"])");
  const auto nobody = get("/probe/own");
  api_keys::KeyText other = api_keys::read_key(key).value();
  other.secret[0] = static_cast<char>(other.secret[0] ^ 1);
  const auto foreign = api_keys::make_key(make_uuid_v7());
  const auto session = tokens.verify(token, clock.now())->jti;
  for (const std::string& forged :
       {std::string(), std::string("evk_"), key + "0", key.substr(1), " " + key,
        api_keys::write_key(other, false), api_keys::write_key(foreign, false),
        api_keys::write_key({session, other.secret}, false)}) {
    for (int i = 0; i < 2; ++i) {
      const auto refused = get("/probe/own", shown(forged));
      EXPECT_EQ(refused.status, 401) << forged;
      EXPECT_EQ(without_error_id(refused), without_error_id(nobody));
      EXPECT_EQ(refused.headers, nobody.headers);
    }
  }
  EXPECT_EQ(get("/probe/own", shown(key)).status, 200);
}

TEST_F(ApiKeys, AreTwentyAtMostAlsoAtOnce) {
  std::vector<Task<http::Response>> wishes;
  for (int i = 0; i < 25; ++i) {
    wishes.push_back(begin(request(http::Method::Post, "/api/v1/api-keys", bearer(token),
                                   R"({"name":"n","scopes":["booking:create"]})")));
  }
  int made = 0;
  for (const auto& answer : run_together(io, std::move(wishes))) {
    made += answer.status == 201 ? 1 : 0;
    if (answer.status != 201) EXPECT_EQ(text(answer, "/code"), "too_many_api_keys");
  }
  EXPECT_EQ(made, 20);
  EXPECT_EQ(json(get("/api/v1/api-keys", bearer(token))).at("items").as_array().size(), 20U);
}

TEST_F(ApiKeys, AreNoSignIns) {
  const std::string key = key_for(R"(["booking:read:own"])");
  for (int i = 0; i < 12; ++i) token = token_of("ada@example.org");
  EXPECT_EQ(get("/probe/own", shown(key)).status, 200);
  EXPECT_EQ(post("/api/v1/auth/logout-all", "", bearer(token)).status, 204);
  EXPECT_EQ(get("/probe/own", shown(key)).status, 200);
}

TEST_F(ApiKeys, NameAllFaultsOfAWish) {
  const auto refused =
      post("/api/v1/api-keys", R"({"name":"","scopes":["A"],"expires_in_days":366,"x":1})",
           bearer(token));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused).at("details").as_array().size(), 4U) << refused.body;
  for (const char* scopes : {"[]", "{}", "1", R"([1])", R"([""])", "null"}) {
    EXPECT_EQ(make(scopes).status, 400) << scopes;
  }
}

TEST_F(ApiKeys, AreOneCredentialOfOne) {
  const std::string key = key_for(R"(["booking:read:own"])");
  Headers both = shown(key);
  both.push_back(bearer(token)[0]);
  EXPECT_EQ(get("/probe/own", both).status, 400);
  EXPECT_EQ(get("/probe/own", {shown(key)[0], shown(key)[0]}).status, 400);
  EXPECT_EQ(get("/probe/own", {shown(key)[0], cookie(token)[0]}).status, 400);
}

TEST_F(ApiKeys, AreLimitedInsidePostgresqlToo) {
  arrange("UPDATE core.users SET role = 'admin'");
  const auto made = make(R"(["booking:create","user:manage"])");
  const auto claims = tokens.verify(token, clock.now()).value();
  const auto key = parse_uuid(text(made, "/id")).value();
  const std::string context = signer.sign({claims.user_id, key, "request-of-test", "192.0.2.7"});
  const auto row = run_task(io, people.run({context},
                                           {"test.has",
                                            "SELECT sec.uid() AS id, sec.has('user:manage') AS a, "
                                            "sec.has('booking:read:all') AS b"},
                                           {}));
  EXPECT_EQ(row[0].get<Uuid>("id"), claims.user_id);
  EXPECT_TRUE(row[0].get<bool>("a"));
  EXPECT_FALSE(row[0].get<bool>("b"));
  superuser.script("test.context", "SELECT set_config('test.ctx', '" + context + "', false)");
  const auto desk =
      superuser.run({"test.desk",
                     "SELECT v.role = ANY (sec.roles_with('booking:create')) AS c, v.role = ANY "
                     "(sec.roles_with('booking:cancel:own')) AS o, v.role = ANY "
                     "(sec.roles_with('booking:cancel:any')) AS a FROM "
                     "sec.verify_many(ARRAY[current_setting('test.ctx')]) v"});
  EXPECT_TRUE(desk[0].get<bool>("c"));
  EXPECT_FALSE(desk[0].get<bool>("o"));
  EXPECT_FALSE(desk[0].get<bool>("a"));
}

}  // namespace
}  // namespace evently::testing
