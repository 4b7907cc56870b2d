// A sign-in that proved a password, or that no second factor was wanted, opens nothing once that is
// no longer so, wherever in between the change commits.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using accounts::AccountRefusal;

constexpr char kReset[] = "SELECT sec.finish_reset(sha256('code'), 'another hash')";

/// Lets something happen after the password was found right and before the session opens.
class Meanwhile final : public accounts::SecondFactor {
 public:
  Task<bool> passes(postgres::TransactionOptions, Uuid, bool password_is_right,
                    std::string) override {
    if (happens) happens();
    co_return password_is_right;
  }
  std::function<void()> happens;
};

class SignInRace : public AccountFixture {
 protected:
  SignInRace() {
    register_person("ada@example.org");
    arrange(
        "INSERT INTO sec.password_resets (id, token_hash, user_id) SELECT gen_random_uuid(), "
        "sha256('code'), id FROM core.users");
  }

  Result<accounts::SignedIn, AccountRefusal> sign_in_meanwhile() {
    const accounts::Origin origin{"request-of-test", "192.0.2.7", "Tester/1.0",
                                  std::chrono::steady_clock::now() + std::chrono::seconds(30)};
    return run_task(io, service_of_race.sign_in(origin, {"ada@example.org", kPassword}));
  }
  std::int64_t count(const postgres::Statement& statement) {
    return superuser.run(statement)[0].get<std::int64_t>("n");
  }
  std::int64_t live_sessions() {
    return count({"test.live", "SELECT count(*) AS n FROM sec.sessions WHERE revoked_at IS NULL"});
  }

  Meanwhile factor;
  postgres::SyncConnection other{database.superuser_conninfo()};
  accounts::AccountService service_of_race{
      repository, {hasher, hash_pool, tokens, signer, lookup_key, {}, &security, &factor}};
};

TEST_F(SignInRace, OpensASessionWhenNothingChanged) {
  EXPECT_TRUE(sign_in_meanwhile());
  EXPECT_EQ(live_sessions(), 1);
}

TEST_F(SignInRace, OpensNothingForAPasswordThatWasChangedMeanwhile) {
  factor.happens = [this] { other.script("test.reset", kReset); };
  const auto refused = sign_in_meanwhile();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), AccountRefusal::InvalidCredentials);
  EXPECT_EQ(live_sessions(), 0);
  EXPECT_EQ(security.count(observability::SecurityEventType::SignInFailed), 1U);
  EXPECT_EQ(security.count(observability::SecurityEventType::SignInSucceeded), 0U);
}

TEST_F(SignInRace, OpensNothingForAnAccountThatWasDisabledMeanwhile) {
  factor.happens = [this] {
    other.script("test.disable", "UPDATE core.users SET is_active = false");
  };
  EXPECT_FALSE(sign_in_meanwhile());
  EXPECT_EQ(live_sessions(), 0);
}

TEST_F(SignInRace, OpensNothingWhenASecondFactorCameMeanwhile) {
  const std::string enrolling = token_of("ada@example.org");
  arrange("INSERT INTO sec.totp (user_id, secret) SELECT id, repeat('s', 60) FROM core.users");
  const auto claims = tokens.verify(enrolling, clock.now());
  const std::string context =
      signer.sign({claims->user_id, claims->jti, "request-of-test", "192.0.2.7"});
  factor.happens = [&] {
    constexpr postgres::Statement kConfirm{
        "test.confirm", "SELECT sec.confirm_totp(repeat('s', 60), 1, '{}') AS done"};
    postgres::SyncConnection door(database.conninfo("application_auth"));
    door.script("test.context", "SET app.ctx = '" + context + "'");
    const auto rows = door.run(kConfirm);
    EXPECT_EQ(rows[0].get<std::string>("done"), "confirmed");
  };
  EXPECT_FALSE(sign_in_meanwhile());
  EXPECT_EQ(live_sessions(), 1) << "the one that enrolled";
}

TEST_F(SignInRace, WaitsForAChangeThatIsUnderWayAndOpensNothing) {
  std::future<bool> committed;
  factor.happens = [this, &committed] {
    other.script("test.reset", std::string("BEGIN; ") + kReset);
    committed = std::async(std::launch::async, [this] {
      const bool waited = somebody_waits_for_a_lock();
      other.script("test.commit", "COMMIT");
      return waited;
    });
  };
  EXPECT_FALSE(sign_in_meanwhile());
  EXPECT_TRUE(committed.get());
  EXPECT_EQ(live_sessions(), 0);
}

TEST_F(SignInRace, IsWaitedForByAChangeThatThenEndsItsSession) {
  other.script("test.open",
               "BEGIN; SELECT sec.open_proved_session(gen_random_uuid(), u.id, NULL, NULL, 1, "
               "NULL, false) FROM "
               "core.users u");
  auto changed = std::async(std::launch::async, [this] {
    postgres::SyncConnection third(database.superuser_conninfo());
    third.script("test.reset", kReset);
  });
  EXPECT_TRUE(somebody_waits_for_a_lock());
  other.script("test.commit", "COMMIT");
  changed.get();
  EXPECT_EQ(count({"test.all", "SELECT count(*) AS n FROM sec.sessions"}), 1);
  EXPECT_EQ(live_sessions(), 0);
}

}  // namespace
}  // namespace evently::testing
