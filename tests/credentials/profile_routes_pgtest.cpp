#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/profile_routes.hpp"
#include "support/account_fixture.hpp"
#include "support/remembering_mailer.hpp"

namespace evently::testing {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class ProfileRoutes : public AccountFixture {
 protected:
  ProfileRoutes() {
    serve({profile_routes.table(), routes.table()}, door);
    token = token_of_new("ada@example.org");
  }

  http::Response patch(const std::string& body) {
    return asked(Method::Patch, "/api/v1/me", token, body);
  }
  std::string me(const std::string& pointer) {
    return text(asked(Method::Get, "/api/v1/me", token), pointer);
  }
  void let_the_proof_age() {
    arrange("UPDATE sec.sessions SET auth_time = now() - interval '5 minutes 1 second'");
  }

  RememberingMailer mailer;
  credentials::ProfileRoutes profile_routes{auth, service, mailer};
  std::string token;
};

TEST_F(ProfileRoutes, CorrectTheOwnNameAndNobodyElses) {
  const std::string bobs = token_of_new("bob@example.org");
  let_the_proof_age();
  const auto answer = patch(R"({"name":"We ❤️ O'Reilly ‹&›"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_FALSE(answer.compressible);
  EXPECT_EQ(text(answer, "/name"), "We ❤️ O'Reilly ‹&›");
  EXPECT_EQ(text(answer, "/email"), "ada@example.org");
  EXPECT_EQ(me("/name"), "We ❤️ O'Reilly ‹&›");
  EXPECT_EQ(text(asked(Method::Get, "/api/v1/me", bobs), "/name"), "Ada ‹Lovelace›");
  EXPECT_THAT(mailer.posted(), IsEmpty());
}

TEST_F(ProfileRoutes, MoveTheAccountToANewAddressAndTellTheOldOne) {
  arrange(
      "INSERT INTO sec.password_resets (id, token_hash, user_id) SELECT gen_random_uuid(), "
      "sha256('mailed'), id FROM core.users");
  const auto answer = patch(R"({"email":"Countess@example.net"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text(answer, "/email"), "Countess@example.net");
  ASSERT_THAT(mailer.posted(), SizeIs(1));
  EXPECT_EQ(mailer.posted()[0].to, "ada@example.org");
  EXPECT_THAT(mailer.posted()[0].body, Not(HasSubstr("example.net")));
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "countess@example.net").status, 200);
  EXPECT_EQ(register_person("ada@example.org").status, 201) << "the old one is free again";
  const auto rows = superuser.run(
      {"test.used", "SELECT count(*) AS n FROM sec.password_resets WHERE used_at IS NOT NULL"});
  EXPECT_EQ(rows[0].get<std::int64_t>("n"), 1) << "codes mailed to the old one count no longer";
}

TEST_F(ProfileRoutes, AskForAFreshProofForAnotherAddressOnly) {
  let_the_proof_age();
  const auto stale = patch(R"({"email":"countess@example.net","name":"Countess"})");
  EXPECT_EQ(stale.status, 403);
  EXPECT_EQ(text(stale, "/code"), "step_up_required");
  EXPECT_EQ(me("/email"), "ada@example.org");
  EXPECT_EQ(me("/name"), "Ada ‹Lovelace›") << "all or nothing";
  EXPECT_EQ(patch(R"({"email":"ada@example.org"})").status, 200);
  EXPECT_THAT(mailer.posted(), IsEmpty());
}

TEST_F(ProfileRoutes, TakeNobodyElsesAddress) {
  register_person("bob@example.org");
  const auto taken = patch(R"({"email":"BOB@example.org","name":"Bob"})");
  EXPECT_EQ(taken.status, 409);
  EXPECT_EQ(text(taken, "/code"), "email_taken");
  EXPECT_EQ(me("/email"), "ada@example.org");
  EXPECT_EQ(me("/name"), "Ada ‹Lovelace›");
}

TEST_F(ProfileRoutes, NameAllFaultsAtOnceAndChangeNothing) {
  const auto refused = patch(R"({"name":"","email":"not an address","role":"admin"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_THAT(json(refused).at("details").as_array(), SizeIs(3));
  EXPECT_EQ(me("/role"), "user");
  EXPECT_EQ(patch("[]").status, 400);
}

TEST_F(ProfileRoutes, ChangeNothingForASessionThatIsOver) {
  arrange("UPDATE sec.sessions SET revoked_at = now()");
  EXPECT_EQ(patch(R"({"name":"Eve"})").status, 401);
}

TEST_F(ProfileRoutes, LeaveTheOldValuesOutOfTheAuditTrail) {
  patch(R"({"email":"countess@example.net","name":"Countess"})");
  const auto rows =
      superuser.run({"test.audit",
                     "SELECT string_agg(changes::text, ' ') AS c FROM aud.event WHERE action LIKE "
                     "'core.users%'"});
  EXPECT_THAT(rows[0].get<std::string>("c"), Not(HasSubstr("ada@example.org")));
  EXPECT_THAT(rows[0].get<std::string>("c"), Not(HasSubstr("Countess")));
}

}  // namespace
}  // namespace evently::testing
