// An account that strangers guess at: the browsers it knows notice nothing, others need a mailed
// code beside the password, and nobody is told which of the two was missing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/late_desk.hpp"
#include "credentials/reset_routes.hpp"
#include "support/account_fixture.hpp"
#include "support/eventually.hpp"
#include "support/remembering_mailer.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kAda[] = "ada@example.org";
constexpr char kToken[] = "/api/v1/auth/token";

class HeldAccount : public AccountFixture {
 protected:
  HeldAccount() {
    serve({account_routes.table(), reset_routes.table()}, door);
    register_person(kAda);
  }

  accounts::SignInParts parts() {
    return {hasher, hash_pool, tokens, signer, lookup_key, {}, nullptr, nullptr, &desk, {}};
  }
  void settle() {
    ASSERT_TRUE(eventually([this] { return desk.waiting() == 0; }));
  }
  http::Response try_with(const std::string& password, const std::string& mail_code = "") {
    const std::string extra = mail_code.empty() ? "" : R"(,"mail_code":")" + mail_code + "\"";
    auto answer =
        post(kToken, R"({"email":"ada@example.org","password":")" + password + "\"" + extra + "}");
    settle();
    return answer;
  }
  http::Response guess(int times) {
    http::Response last;
    for (int i = 0; i < times; ++i) last = try_with("not the password");
    return last;
  }
  bool sign_in_from_known_device(const std::string& password = kPassword) {
    const accounts::Origin origin{"request-of-test", "192.0.2.7", "Tester/1.0",
                                  std::chrono::steady_clock::now() + std::chrono::seconds(30)};
    const bool in = bool(run_task(io, held_service.sign_in(origin, {kAda, password}, true)));
    settle();
    return in;
  }
  void let_an_hour_pass() {
    arrange(
        "UPDATE sec.sign_in_failures SET recent = array(SELECT t - interval '1 hour' FROM "
        "unnest(recent) t)");
  }
  std::string last_code() {
    const std::string body = mailer.posted().back().body;
    return body.substr(body.find("Code: ") + 6, 64);
  }

  RememberingMailer mailer;
  observability::Metrics metrics;
  credentials::LateDesk desk{database.conninfo("application_auth"), signer, mailer, metrics};
  accounts::AccountService held_service{repository, parts()};
  accounts::AccountRoutes account_routes{held_service, csrf};
  credentials::ResetRoutes reset_routes{auth, parts(), desk, mailer};
};

TEST_F(HeldAccount, AnswersTheRightPasswordLikeAWrongOneAndMailsACode) {
  const auto wrong = guess(10);
  EXPECT_THAT(mailer.posted(), IsEmpty());
  const auto right = try_with(kPassword);
  EXPECT_EQ(right.status, 401);
  EXPECT_EQ(without_error_id(right), without_error_id(wrong));
  EXPECT_EQ(right.headers, wrong.headers);
  ASSERT_THAT(mailer.posted(), SizeIs(1));
  EXPECT_EQ(mailer.posted()[0].to, kAda);

  const std::string code = last_code();
  EXPECT_EQ(try_with("not the password", code).status, 401) << "with the password only";
  EXPECT_EQ(try_with(kPassword, std::string(64, '0')).status, 401);
  EXPECT_EQ(try_with(kPassword, code).status, 200);
  EXPECT_EQ(try_with(kPassword, code).status, 401) << "once";
}

TEST_F(HeldAccount, IsHeldFromTheTenthFailureOfAnHour) {
  guess(9);
  EXPECT_EQ(try_with(kPassword).status, 200);
  guess(1);
  EXPECT_EQ(try_with(kPassword).status, 401);
  let_an_hour_pass();
  EXPECT_EQ(try_with(kPassword).status, 200);
}

TEST_F(HeldAccount, IsHeldForGoodAfterAHundredInARow) {
  guess(1);
  arrange("UPDATE sec.sign_in_failures SET in_a_row = 99");
  guess(1);
  let_an_hour_pass();
  EXPECT_EQ(try_with(kPassword).status, 401);
  EXPECT_EQ(try_with(kPassword, last_code()).status, 200);
  EXPECT_EQ(try_with(kPassword).status, 200) << "the row is over";
}

TEST_F(HeldAccount, IsFreeWithANewPassword) {
  guess(10);
  post("/api/v1/auth/password/forgot", R"({"email":"ada@example.org"})");
  settle();
  const std::string wish =
      R"({"token":")" + last_code() + R"(","new_password":"wrong donkey battery"})";
  EXPECT_EQ(post("/api/v1/auth/password/reset", wish).status, 204);
  EXPECT_EQ(try_with("wrong donkey battery").status, 200);
}

TEST_F(HeldAccount, LetsKnownDevicesInAndCountsNothingOfTheirs) {
  guess(10);
  EXPECT_TRUE(sign_in_from_known_device());
  EXPECT_EQ(try_with(kPassword).status, 401) << "which tells nothing of strangers";
  let_an_hour_pass();
  for (int i = 0; i < 12; ++i) EXPECT_FALSE(sign_in_from_known_device("not the password"));
  EXPECT_EQ(try_with(kPassword).status, 200);
}

TEST_F(HeldAccount, TakesCodesForTheirPurposeAndPersonOnly) {
  guess(10);
  post("/api/v1/auth/password/forgot", R"({"email":"ada@example.org"})");
  settle();
  const std::string for_reset = last_code();
  EXPECT_EQ(try_with(kPassword, for_reset).status, 401);
  const std::string for_sign_in = last_code();
  ASSERT_NE(for_sign_in, for_reset);
  const auto refused =
      post("/api/v1/auth/password/reset",
           R"({"token":")" + for_sign_in + R"(","new_password":"wrong donkey battery"})");
  EXPECT_EQ(text(refused, "/details/0/code"), "invalid_token");
  register_person("eve@example.org");
  arrange(
      "UPDATE sec.password_resets SET user_id = (SELECT id FROM core.users WHERE email LIKE "
      "'eve%')");
  EXPECT_EQ(try_with(kPassword, for_sign_in).status, 401);
}

TEST_F(HeldAccount, RefusesACodeAfterAQuarterOfAnHour) {
  guess(10);
  try_with(kPassword);
  arrange("UPDATE sec.password_resets SET created_at = now() - interval '15 minutes 1 second'");
  EXPECT_EQ(try_with(kPassword, last_code()).status, 401);
}

TEST_F(HeldAccount, FillsNobodysMailbox) {
  guess(10);
  for (int i = 0; i < 5; ++i) try_with(kPassword);
  EXPECT_THAT(mailer.posted(), SizeIs(3));
}

TEST_F(HeldAccount, KeepsNoRowForAddressesThatAreNotThere) {
  for (int i = 0; i < 3; ++i) sign_in(kToken, "nobody@example.org", "not the password");
  settle();
  guess(70);
  const auto rows = superuser.run(
      {"test.rows", "SELECT in_a_row, cardinality(recent) AS kept FROM sec.sign_in_failures"});
  ASSERT_EQ(rows.size(), 1);
  EXPECT_EQ(rows[0].get<std::int32_t>("in_a_row"), 70);
  EXPECT_EQ(rows[0].get<std::int32_t>("kept"), 64);
}

}  // namespace
}  // namespace evently::testing
