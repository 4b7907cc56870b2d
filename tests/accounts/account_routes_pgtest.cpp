#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/account_routes.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;
using ::testing::StartsWith;

class AccountRoutes : public AccountFixture {
 protected:
  std::int64_t count(const postgres::Statement& statement) {
    return superuser.run(statement)[0].get<std::int64_t>("n");
  }
};

TEST_F(AccountRoutes, RegisterAPersonAsAUser) {
  const auto made = register_person("Ada@Example.org");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(header(made, "Location"), "/api/v1/me");
  EXPECT_EQ(text(made, "/email"), "Ada@Example.org");
  EXPECT_EQ(text(made, "/name"), "Ada ‹Lovelace›");
  EXPECT_EQ(text(made, "/role"), "user");
  EXPECT_EQ(text(made, "/is_active"), "true");
  EXPECT_FALSE(made.compressible);

  const auto me = get("/api/v1/me", bearer(token_of("ada@example.org")));
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(me.body, made.body);
}

TEST_F(AccountRoutes, StoreArgon2idAtTheDesignedCost) {
  register_person("ada@example.org");
  const auto rows = superuser.run({"test.hash", "SELECT password_hash AS h FROM sec.credentials"});
  EXPECT_THAT(rows[0].get<std::string>("h"), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
}

TEST_F(AccountRoutes, LeaveAnAuditRowWithAddressAndRequestButNoPersonalValue) {
  register_person("ada@example.org");
  const auto rows = superuser.run(
      {"test.audit",
       "SELECT request_id, host(client_ip) AS ip, actor, changes::text AS changes FROM aud.event "
       "WHERE action = 'core.users.insert'"});
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].get<std::string>("request_id"), "request-of-test");
  EXPECT_EQ(rows[0].get<std::string>("ip"), "192.0.2.7");
  EXPECT_TRUE(rows[0].is_null("actor"));
  EXPECT_THAT(rows[0].get<std::string>("changes"), HasSubstr("\"email\""));
  EXPECT_THAT(rows[0].get<std::string>("changes"), Not(HasSubstr("ada@")));
}

TEST_F(AccountRoutes, NeverTakeTheRoleFromTheBody) {
  const auto refused = post(
      "/api/v1/auth/register",
      R"({"email":"eve@example.org","name":"Eve","password":"correct horse battery","role":"admin"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "/details/0/code"), "unknown_member");
  EXPECT_EQ(text(refused, "/details/0/pointer"), "/role");
  EXPECT_EQ(count({"test.count", "SELECT count(*) AS n FROM core.users"}), 0);
}

TEST_F(AccountRoutes, NameAllFaultsOfARegistration) {
  const auto refused =
      post("/api/v1/auth/register", R"({"email":"nobody","name":"","password":"short"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused).at("details").as_array().size(), 3U) << refused.body;
  EXPECT_THAT(refused.body, Not(HasSubstr("nobody")));
}

TEST_F(AccountRoutes, RefuseAnAddressThatIsTakenInAnyCase) {
  register_person("ada@example.org");
  const auto refused = register_person("ADA@example.ORG");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(text(refused, "/code"), "email_taken");
}

TEST_F(AccountRoutes, RegisterOneOfFiftyThatWantTheAddressAtOnce) {
  std::vector<Task<http::Response>> rivals;
  for (unsigned bits = 0; bits < 50; ++bits) {
    std::string email = "abcdef@example.org";
    for (unsigned i = 0; i < 6; ++i) {
      if ((bits >> i & 1U) != 0) email[i] = static_cast<char>(email[i] - 'a' + 'A');
    }
    rivals.push_back(begin(
        request(http::Method::Post, "/api/v1/auth/register", {},
                R"({"email":")" + email + R"(","name":"A","password":"correct horse battery"})")));
  }
  const auto answers = run_together(io, std::move(rivals));
  int made = 0;
  int taken = 0;
  for (const auto& answer : answers) {
    made += answer.status == 201 ? 1 : 0;
    taken += answer.status == 409 ? 1 : 0;
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(taken, 49);
  EXPECT_EQ(count({"test.count", "SELECT count(*) AS n FROM core.users"}), 1);
}

TEST_F(AccountRoutes, LogABrowserInByCookieOnly) {
  register_person("ada@example.org");
  const auto answer = sign_in("/api/v1/auth/login", "ADA@EXAMPLE.ORG");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_THAT(header(answer, "Set-Cookie"),
              MatchesRegex("__Host-evently_session=[A-Za-z0-9_.-]+; Path=/; Secure; HttpOnly; "
                           "SameSite=Strict; Max-Age=86400"));
  EXPECT_EQ(text(answer, "/user/email"), "ada@example.org");
  EXPECT_NE(text(answer, "/expires_at"), "");
  EXPECT_EQ(json(answer).as_object().size(), 3U) << "the token must not be in the body";

  const std::string set = header(answer, "Set-Cookie");
  const auto me = get("/api/v1/me", {{"cookie", set.substr(0, set.find(';'))}});
  EXPECT_EQ(text(me, "/email"), "ada@example.org");
}

TEST_F(AccountRoutes, GiveABrowserATokenBeforeAndAfterItSignsIn) {
  register_person("ada@example.org");
  const std::string wish = R"({"email":"ada@example.org","password":"correct horse battery"})";
  const auto before = get("/api/v1/auth/csrf");
  EXPECT_EQ(before.status, 200);
  EXPECT_FALSE(before.compressible);
  const std::string set = header(before, "Set-Cookie");
  EXPECT_THAT(set, MatchesRegex("__Host-evently_pre=[A-Za-z0-9_-]{43}; Path=/; Secure; HttpOnly; "
                                "SameSite=Strict; Max-Age=86400"));
  const std::string pre = set.substr(0, set.find(';'));
  EXPECT_EQ(header(get("/api/v1/auth/csrf", {{"cookie", pre}}), "Set-Cookie"), "");
  const Headers form{{"cookie", pre},
                     {"sec-fetch-site", "same-origin"},
                     {"x-csrf-token", text(before, "/csrf_token")}};
  EXPECT_EQ(post("/api/v1/auth/login", wish, {form[0], form[1]}).status, 403);
  EXPECT_EQ(post("/api/v1/auth/login", wish, {form[1], form[2]}).status, 403);
  const auto in = post("/api/v1/auth/login", wish, form);
  ASSERT_EQ(in.status, 200) << in.body;

  const std::string session_set = header(in, "Set-Cookie");
  const std::string jar = session_set.substr(0, session_set.find(';'));
  const auto act = [&](const std::string& token) {
    return post("/api/v1/auth/logout", "{}", {{"cookie", jar}, form[1], {"x-csrf-token", token}});
  };
  EXPECT_EQ(act(text(before, "/csrf_token")).status, 403) << "of before the sign-in";
  const auto again = get("/api/v1/auth/csrf", {{"cookie", jar}});
  EXPECT_NE(text(again, "/csrf_token"), text(in, "/csrf_token"));
  const auto out = act(text(again, "/csrf_token"));
  EXPECT_EQ(out.status, 204);
  EXPECT_EQ(header(out, "Clear-Site-Data"), R"("cache", "storage")");
  EXPECT_EQ(act(text(in, "/csrf_token")).status, 401);
}

TEST_F(AccountRoutes, LetNoOtherSiteSignABrowserInOrOut) {
  register_person("ada@example.org");
  const std::string token = token_of("ada@example.org");
  const std::string wish = R"({"email":"ada@example.org","password":"correct horse battery"})";
  const Headers evil{{"origin", "https://evil.example"}};
  EXPECT_EQ(post("/api/v1/auth/login", wish, evil).status, 403);
  EXPECT_EQ(post("/api/v1/auth/register", wish, evil).status, 403);
  EXPECT_EQ(post("/api/v1/auth/token", wish, evil).status, 200) << "no cookie, nothing to abuse";
  for (const char* path : {"/api/v1/auth/logout", "/api/v1/auth/logout-all"}) {
    EXPECT_EQ(post(path, "{}", cookie(token)).status, 403) << path;
  }
  EXPECT_EQ(get("/api/v1/me", bearer(token)).status, 200);
}

TEST_F(AccountRoutes, IssueATokenThatNamesItsSession) {
  register_person("ada@example.org");
  const auto answer = sign_in("/api/v1/auth/token", "ada@example.org");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text(answer, "/token_type"), "Bearer");
  EXPECT_EQ(text(answer, "/expires_in"), "86400");
  EXPECT_EQ(header(answer, "Set-Cookie"), "");
  EXPECT_FALSE(answer.compressible);

  const auto claims = tokens.verify(text(answer, "/access_token"), clock.now());
  ASSERT_TRUE(claims);
  const auto rows =
      superuser.run({"test.session",
                     "SELECT id, user_id, host(client_ip) AS ip, user_agent, "
                     "date_trunc('second', expires_at) AS expires_at FROM sec.sessions"});
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].get<Uuid>("id"), claims->jti);
  EXPECT_EQ(rows[0].get<Uuid>("user_id"), claims->user_id);
  EXPECT_EQ(rows[0].get<TimePoint>("expires_at"), claims->expires_at);
  EXPECT_EQ(rows[0].get<std::string>("ip"), "192.0.2.7");
  EXPECT_EQ(rows[0].get<std::string>("user_agent"), "Tester/1.0");
}

TEST_F(AccountRoutes, AnswerAlikeToAWrongPasswordAnUnknownAddressAndADisabledAccount) {
  register_person("ada@example.org");
  register_person("off@example.org");
  arrange("UPDATE core.users SET is_active = false WHERE email LIKE 'off%'");
  const std::string path = "/api/v1/auth/token";

  const auto wrong = sign_in(path, "ada@example.org", "wrong horse battery");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(text(wrong, "/code"), "invalid_credentials");
  for (const char* email : {"unknown@example.org", "off@example.org", "no address"}) {
    const auto other = sign_in(path, email);
    EXPECT_EQ(other.status, 401) << email;
    EXPECT_EQ(without_error_id(other), without_error_id(wrong)) << email;
    EXPECT_EQ(other.headers, wrong.headers) << email;
  }
  EXPECT_EQ(count({"test.count", "SELECT count(*) AS n FROM sec.sessions"}), 0);
}

TEST_F(AccountRoutes, CompareEveryByteOfAPassword) {
  const std::string password = std::string(72, 'x') + std::string(28, 'y');
  ASSERT_EQ(register_person("ada@example.org", password).status, 201);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", password.substr(0, 72)).status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", password.substr(0, 99)).status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", password).status, 200);
}

TEST_F(AccountRoutes, KillTheTokenAtLogoutAndNoOther) {
  const std::string first = token_of_new("ada@example.org");
  const std::string second = token_of("ada@example.org");
  EXPECT_EQ(post("/api/v1/auth/logout", R"({"all":true})", bearer(first)).status, 400);
  const auto left = post("/api/v1/auth/logout", "", bearer(first));
  EXPECT_EQ(left.status, 204);
  EXPECT_THAT(header(left, "Set-Cookie"),
              MatchesRegex("__Host-evently_session=; Path=/; .*Max-Age=0"));

  EXPECT_EQ(get("/api/v1/me", bearer(first)).status, 401);
  EXPECT_EQ(post("/api/v1/auth/logout", "", bearer(first)).status, 401);
  EXPECT_EQ(get("/api/v1/me", bearer(second)).status, 200);
}

TEST_F(AccountRoutes, KillEveryTokenOfTheirOwnerAtLogoutAll) {
  const std::string first = token_of_new("ada@example.org");
  const std::string second = token_of("ada@example.org");
  const std::string other = token_of_new("bob@example.org");
  EXPECT_EQ(post("/api/v1/auth/logout-all", "", bearer(first)).status, 204);

  EXPECT_EQ(get("/api/v1/me", bearer(first)).status, 401);
  EXPECT_EQ(get("/api/v1/me", bearer(second)).status, 401);
  EXPECT_EQ(get("/api/v1/me", bearer(other)).status, 200);
}

TEST_F(AccountRoutes, TakeAUserAgentThatIsNotText) {
  register_person("ada@example.org");
  http::Request odd =
      request(http::Method::Post, "/api/v1/auth/token", {{"user-agent", "\xff\xfe"}},
              R"({"email":"ada@example.org","password":"correct horse battery"})");
  EXPECT_EQ(run_task(io, begin(std::move(odd))).status, 200);
}

TEST_F(AccountRoutes, RefuseABodyThatIsNotJson) {
  http::Request form = request(http::Method::Post, "/api/v1/auth/login");
  form.headers.emplace_back("content-type", "application/x-www-form-urlencoded");
  form.body = "email=ada%40example.org";
  EXPECT_EQ(run_task(io, begin(std::move(form))).status, 415);
}

}  // namespace
}  // namespace evently::testing
