#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include "accounts/account_service.hpp"
#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using accounts::AccountRefusal;

class AccountService : public AccountFixture {
 protected:
  accounts::Origin origin() {
    return {"request-of-test", "192.0.2.7", "Tester/1.0",
            std::chrono::steady_clock::now() + std::chrono::seconds(30)};
  }
  std::string stored_hash() {
    return superuser.run({"test.hash", "SELECT password_hash AS h FROM sec.credentials"})[0]
        .get<std::string>("h");
  }
};

TEST_F(AccountService, LooksAddressesUpByAKeyedHash) {
  register_person("Ada@example.org");
  const std::string expected =
      crypto::to_hex(crypto::hmac_sha256(lookup_key, "email|v1|ada@example.org"));
  const auto rows =
      superuser.run({"test.lookup", "SELECT encode(email_lookup, 'hex') AS h FROM core.users"});
  EXPECT_EQ(rows[0].get<std::string>("h"), expected);
}

TEST_F(AccountService, VerifiesNoPasswordWithoutThePepper) {
  register_person("ada@example.org");
  EXPECT_TRUE(hasher.verify(stored_hash(), kPassword));
  EXPECT_FALSE(crypto::PasswordHasher(std::string(32, 'q')).verify(stored_hash(), kPassword));
}

TEST_F(AccountService, RenewsAHashOfWeakerParametersAtSignIn) {
  register_person("ada@example.org");
  const std::string input =
      crypto::base64url_encode(crypto::hmac_sha256(std::string(32, 'p'), kPassword));
  std::string weak(crypto_pwhash_STRBYTES, '\0');
  ASSERT_EQ(crypto_pwhash_str_alg(weak.data(), input.data(), input.size(), 1, 8 * 1024 * 1024,
                                  crypto_pwhash_ALG_ARGON2ID13),
            0);
  weak.resize(weak.find('\0'));
  superuser.run({"test.weaken", "UPDATE sec.credentials SET password_hash = $1"},
                postgres::parameters(weak));

  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org", "wrong horse battery").status, 401);
  EXPECT_EQ(stored_hash(), weak);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 200);
  EXPECT_THAT(stored_hash(), ::testing::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
  EXPECT_EQ(sign_in("/api/v1/auth/token", "ada@example.org").status, 200);
}

TEST_F(AccountService, IsTooBusyWhenNoHashingThreadHasRoom) {
  crypto::HashPool full(0, 0);
  accounts::AccountService crowded(repository, {hasher, full, tokens, signer, lookup_key});
  const auto refused = run_task(io, crowded.sign_in(origin(), {"ada@example.org", kPassword}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), AccountRefusal::TooBusy);
  const auto problem = accounts::to_problem(refused.error());
  EXPECT_EQ(problem.status, 503);
  EXPECT_EQ(problem.headers[0].first, "Retry-After");
}

TEST_F(AccountService, KeepsTheTenNewestSessions) {
  std::vector<std::string> sessions{token_of_new("ada@example.org")};
  while (sessions.size() < 11) sessions.push_back(token_of("ada@example.org"));

  EXPECT_EQ(get("/api/v1/me", bearer(sessions[0])).status, 401);
  for (std::size_t i = 1; i < sessions.size(); ++i) {
    EXPECT_EQ(get("/api/v1/me", bearer(sessions[i])).status, 200) << i;
  }
}

TEST_F(AccountService, KeepsTenSessionsHoweverManyAreOpenedAtOnce) {
  const auto id = parse_uuid(text(register_person("ada@example.org"), "/id"));
  std::vector<Task<std::optional<accounts::OpenedSession>>> openings;
  for (int i = 0; i < 40; ++i) {
    openings.push_back(repository.open_session({}, make_uuid_v7(), *id, "192.0.2.7", "Tester/1.0",
                                               {1, {}, false}));
  }
  EXPECT_EQ(run_together(io, std::move(openings)).size(), 40U);
  const auto rows = superuser.run(
      {"test.live", "SELECT count(*) AS n FROM sec.sessions WHERE revoked_at IS NULL"});
  EXPECT_EQ(rows[0].get<std::int64_t>("n"), 10);
}

TEST_F(AccountService, LeavesNoContextOnAPooledConnection) {
  const std::string token = token_of_new("ada@example.org");
  postgres::Pool one(io, {"application_user", database.conninfo("application_user"), 1});
  const auto claims = tokens.verify(token, clock.now());
  const std::string context =
      signer.sign({claims->user_id, claims->jti, "request-of-test", "192.0.2.7"});
  constexpr postgres::Statement kCount{"test.count", "SELECT count(*) AS n FROM core.users"};
  constexpr postgres::Statement kContext{
      "test.context", "SELECT coalesce(current_setting('app.ctx', true), '') AS c"};
  constexpr postgres::Statement kFails{"test.fails",
                                       "SELECT 1 / (count(*) - count(*)) FROM core.users"};

  EXPECT_EQ(run_task(io, one.run({context}, kCount, {}))[0].get<std::int64_t>("n"), 1);
  EXPECT_EQ(run_task(io, one.run({}, kContext, {}))[0].get<std::string>("c"), "");
  EXPECT_THROW(run_task(io, one.run({context}, kFails, {})), postgres::QueryError);
  EXPECT_EQ(run_task(io, one.run({}, kContext, {}))[0].get<std::string>("c"), "");
  EXPECT_EQ(run_task(io, one.run({}, kCount, {}))[0].get<std::int64_t>("n"), 0);
}

}  // namespace
}  // namespace evently::testing
