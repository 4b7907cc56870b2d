#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/crypto/hmac.hpp"
#include "support/account_fixture.hpp"
#include "support/sanitized.hpp"
#include "support/telling_apart.hpp"

namespace evently::testing {
namespace {

using observability::SecurityEventType;
using ::testing::SizeIs;

class SignIn : public AccountFixture {
 protected:
  bool sign_in_observed(const std::string& email, const std::string& password) {
    const accounts::Origin origin{"request-of-test", "192.0.2.7", "Tester/1.0",
                                  std::chrono::steady_clock::now() + std::chrono::seconds(30)};
    return bool(run_task(io, observed.sign_in(origin, {email, password})));
  }
  void fail(const std::string& email) {
    EXPECT_EQ(sign_in("/api/v1/auth/login", email, "not the password").status, 401);
  }

  SecurityRecorder sink;
  accounts::AccountService observed{repository,
                                    {hasher, hash_pool, tokens, signer, lookup_key, {}, &sink}};
};

TEST_F(SignIn, IsObservedWithoutItsAddressOrPassword) {
  register_person("ada@example.org");
  ASSERT_TRUE(sign_in_observed("ADA@example.org", kPassword));
  ASSERT_FALSE(sign_in_observed("ada@example.org", "one password, many"));
  ASSERT_FALSE(sign_in_observed("bob@example.org", "one password, many"));

  ASSERT_THAT(sink.seen(), SizeIs(3));
  EXPECT_EQ(sink.seen()[0].type, SecurityEventType::SignInSucceeded);
  EXPECT_EQ(sink.seen()[1].type, SecurityEventType::SignInFailed);
  EXPECT_EQ(sink.seen()[2].type, SecurityEventType::SignInFailed);
  EXPECT_TRUE(sink.seen()[1].user_id);
  EXPECT_FALSE(sink.seen()[2].user_id);
  // The same account is seen as the same, the same password too; nothing can be read out of them.
  EXPECT_EQ(sink.seen()[0].account, sink.seen()[1].account);
  EXPECT_NE(sink.seen()[1].account, sink.seen()[2].account);
  EXPECT_NE(sink.seen()[0].secret, sink.seen()[1].secret);
  EXPECT_EQ(sink.seen()[1].secret, sink.seen()[2].secret);
  for (const auto& event : sink.seen()) {
    EXPECT_THAT(event.account, SizeIs(64));
    EXPECT_THAT(event.secret, SizeIs(16));
    EXPECT_EQ(event.client_address, "192.0.2.7");
    EXPECT_EQ(event.request_id, "request-of-test");
  }
  EXPECT_EQ(sink.seen()[0].account,
            crypto::to_hex(accounts::email_lookup(lookup_key, "ada@example.org")));
}

TEST_F(SignIn, FailsInTheSameWordsForKnownAndUnknownAccounts) {
  register_person("ada@example.org");
  register_person("off@example.org");
  arrange("UPDATE core.users SET is_active = false WHERE email = 'off@example.org'");
  const auto known = sign_in("/api/v1/auth/login", "ada@example.org", "not the password");
  const auto unknown = sign_in("/api/v1/auth/login", "eve@example.org", "not the password");
  const auto disabled = sign_in("/api/v1/auth/login", "off@example.org");
  for (const auto& answer : {unknown, disabled}) {
    EXPECT_EQ(answer.status, known.status);
    EXPECT_EQ(without_error_id(answer), without_error_id(known));
    EXPECT_EQ(answer.headers, known.headers);
  }
}

TEST_F(SignIn, TakesAsLongForAnUnknownAccountAsForAKnownOne) {
  if (kIsSanitized) GTEST_SKIP() << "times are the sanitizer's";
  register_person("ada@example.org");
  int unknown = 0;
  EXPECT_TRUE(take_equally_long(
      250, [&] { fail("ada@example.org"); },
      [&] { fail("nobody" + std::to_string(unknown++) + "@example.org"); }));
}

TEST_F(SignIn, HoldsTheOperatorsMinimumLengthAtRegistration) {
  accounts::AccountService strict(repository,
                                  {hasher, hash_pool, tokens, signer, lookup_key, {24}, nullptr});
  accounts::AccountRoutes strict_routes(strict, csrf);
  http::Router strict_router(strict_routes.table(), door);
  auto wanted = request(
      http::Method::Post, "/api/v1/auth/register", {},
      R"({"email":"ada@example.org","name":"A","password":")" + std::string(kPassword) + "\"}");
  http::Problem refusal;
  const http::Route* route = strict_router.find(wanted, refusal);
  ASSERT_NE(route, nullptr);
  try {
    run_task(io, strict_router.serve(*route, std::move(wanted)));
    FAIL() << "a short password was taken";
  } catch (const http::BadRequest& bad) {
    EXPECT_EQ(bad.problem.details.at(0).code, "weak_password");
    EXPECT_EQ(bad.problem.details.at(0).message, "must have 24 to 128 characters");
  }
}

}  // namespace
}  // namespace evently::testing
