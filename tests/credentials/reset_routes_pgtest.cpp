#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "credentials/late_desk.hpp"
#include "credentials/reset_routes.hpp"
#include "support/account_fixture.hpp"
#include "support/eventually.hpp"
#include "support/remembering_mailer.hpp"
#include "support/sanitized.hpp"
#include "support/telling_apart.hpp"

namespace evently::testing {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kNewPassword[] = "wrong donkey battery";

class ResetRoutes : public AccountFixture {
 protected:
  ResetRoutes() { serve({reset_routes.table(), routes.table()}, door); }

  http::Response forgot(const std::string& email) {
    return run_task(io, begin(request(Method::Post, "/api/v1/auth/password/forgot", {},
                                      R"({"email":")" + email + "\"}")));
  }
  http::Request reset_request(const std::string& token, const std::string& password) {
    return request(Method::Post, "/api/v1/auth/password/reset", {},
                   R"({"token":")" + token + R"(","new_password":")" + password + "\"}");
  }
  http::Response reset(const std::string& token, const std::string& password = kNewPassword) {
    return run_task(io, begin(reset_request(token, password)));
  }
  /// Once the desk has carried out what was asked for.
  std::vector<mail::Mail> mails() {
    EXPECT_TRUE(eventually([this] { return desk.waiting() == 0; }));
    return mailer.posted();
  }
  std::string last_token() {
    const std::string body = mails().back().body;
    return body.substr(body.find("Code: ") + 6, 64);
  }
  std::string token_by_mail(const std::string& email) {
    forgot(email);
    return last_token();
  }

  RememberingMailer mailer;
  observability::Metrics metrics;
  credentials::LateDesk desk{database.conninfo("application_auth"), signer, mailer, metrics};
  credentials::ResetRoutes reset_routes{
      auth, {hasher, hash_pool, tokens, signer, lookup_key}, desk, mailer};
};

TEST_F(ResetRoutes, GiveANewPasswordForTheMailedCodeAndEndAllSessions) {
  const std::string session = token_of_new("ada@example.org");
  ASSERT_EQ(forgot("ADA@example.org").status, 202);
  ASSERT_THAT(mails(), SizeIs(1));
  EXPECT_EQ(mails()[0].to, "ada@example.org");
  const std::string token = last_token();
  EXPECT_EQ(token.find_first_not_of("0123456789abcdef"), std::string::npos);

  EXPECT_EQ(reset(token).status, 204);
  EXPECT_EQ(get("/api/v1/me", bearer(session)).status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", kNewPassword).status, 200);
  ASSERT_THAT(mails(), SizeIs(2));
  EXPECT_THAT(mails()[1].subject, HasSubstr("changed"));
  EXPECT_EQ(mails()[1].to, "ada@example.org");
}

TEST_F(ResetRoutes, AnswerAlikeForKnownUnknownAndDisabledAccounts) {
  register_person("ada@example.org");
  register_person("off@example.org");
  arrange("UPDATE core.users SET is_active = false WHERE email = 'off@example.org'");
  const auto known = forgot("ada@example.org");
  for (const auto& answer : {forgot("eve@example.org"), forgot("off@example.org")}) {
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, known.body);
    EXPECT_EQ(answer.headers, known.headers);
  }
  EXPECT_THAT(mails(), SizeIs(1));
}

TEST_F(ResetRoutes, TakeAsLongForAnUnknownAccountAsForAKnownOne) {
  if (kIsSanitized) GTEST_SKIP() << "times are the sanitizer's";
  constexpr int kSamples = 1000;
  constexpr int kMailsAnAccount = 3;  // of which each shall get one: all acts that differ differ
  constexpr int kAccounts = kSamples * 3 / kMailsAnAccount;
  std::string accounts;
  for (int i = 0; i < kAccounts; ++i) {
    const std::string email = "p" + std::to_string(i) + "@example.org";
    accounts += (i == 0 ? "('" : ",('") + to_string(make_uuid_v7()) + "','" + email + "','" +
                postgres::encode_bytes(accounts::email_lookup(lookup_key, email)) + "','P')";
  }
  arrange("INSERT INTO core.users (id, email, email_lookup, name) VALUES " + accounts);
  // An act waits for what the one before left to the desk, so that only its own time is taken.
  const auto ask_for = [this](char kind, int& count) {
    const std::string email = kind + std::to_string(count++ / kMailsAnAccount) + "@example.org";
    ASSERT_EQ(forgot(email).status, 202);
  };
  int known = 0;
  int unknown = 0;
  EXPECT_TRUE(take_equally_long(
      kSamples, [&] { ask_for('p', known); }, [&] { ask_for('q', unknown); },
      [this] { ASSERT_TRUE(eventually([this] { return desk.waiting() == 0; })); }));
  EXPECT_THAT(mails(), SizeIs(known));
}

TEST_F(ResetRoutes, AnswerAlikeWhenThereIsNoRoom) {
  register_person("ada@example.org");
  const auto usual = forgot("ada@example.org");
  ASSERT_THAT(mails(), SizeIs(1));
  desk.stop();
  const auto lost = forgot("ada@example.org");
  EXPECT_EQ(lost.status, 202);
  EXPECT_EQ(lost.body, usual.body);
  EXPECT_EQ(lost.headers, usual.headers);
  EXPECT_THAT(mailer.posted(), SizeIs(1));
  EXPECT_THAT(metrics.render(), HasSubstr("evently_late_wishes_lost_total 1"));
}

TEST_F(ResetRoutes, TakeACodeOnceOfTwentyAtATime) {
  register_person("ada@example.org");
  const std::string token = token_by_mail("ada@example.org");
  std::vector<Task<http::Response>> rivals;
  for (int i = 0; i < 20; ++i) {
    rivals.push_back(begin(reset_request(token, "wrong donkey battery " + std::to_string(i))));
  }
  int done = 0;
  for (const auto& answer : run_together(io, std::move(rivals))) {
    done += answer.status == 204 ? 1 : 0;
    if (answer.status != 204) EXPECT_EQ(text(answer, "/details/0/code"), "invalid_token");
  }
  EXPECT_EQ(done, 1);
}

TEST_F(ResetRoutes, RefuseCodesThatAreOldUsedSupersededOrMadeUp) {
  register_person("ada@example.org");
  const std::string first = token_by_mail("ada@example.org");
  const std::string second = token_by_mail("ada@example.org");
  EXPECT_EQ(reset(second).status, 204);
  const auto refused = reset(first);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "/details/0/code"), "invalid_token");
  for (const std::string& bad : {second, std::string(64, '0'), std::string("x")}) {
    EXPECT_EQ(without_error_id(reset(bad)), without_error_id(refused));
  }
  const std::string third = token_by_mail("ada@example.org");
  arrange("UPDATE sec.password_resets SET created_at = now() - interval '15 minutes 1 second'");
  EXPECT_EQ(without_error_id(reset(third)), without_error_id(refused));
}

TEST_F(ResetRoutes, KeepTheCodeWhenTheNewPasswordIsWeak) {
  register_person("ada@example.org");
  const std::string token = token_by_mail("ada@example.org");
  const auto weak = reset(token, "password1234");
  EXPECT_EQ(weak.status, 400);
  EXPECT_EQ(text(weak, "/details/0/code"), "weak_password");
  EXPECT_EQ(reset(token).status, 204);
}

TEST_F(ResetRoutes, FillNobodysMailbox) {
  register_person("ada@example.org");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(forgot("ada@example.org").status, 202);
  EXPECT_THAT(mails(), SizeIs(3));
}

TEST_F(ResetRoutes, KeepNoCodeInTheDatabase) {
  register_person("ada@example.org");
  const std::string token = token_by_mail("ada@example.org");
  const auto rows =
      superuser.run({"test.rows",
                     "SELECT (SELECT string_agg(r::text, ' ') FROM sec.password_resets r) || "
                     "(SELECT string_agg(e::text, ' ') FROM aud.event e) AS all_of_it"});
  EXPECT_THAT(rows[0].get<std::string>("all_of_it"), Not(HasSubstr(token)));
}

}  // namespace
}  // namespace evently::testing
