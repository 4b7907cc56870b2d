#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "credentials/credential_routes.hpp"
#include "factors/second_factor_door.hpp"
#include "factors/totp_routes.hpp"
#include "platform/crypto/base64url.hpp"
#include "platform/crypto/totp.hpp"
#include "support/account_fixture.hpp"
#include "support/remembering_mailer.hpp"

namespace evently::testing {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class StoppedClock final : public Clock {
 public:
  TimePoint now() const override { return time; }
  TimePoint time = *parse_rfc3339("2026-11-24T18:00:10Z");
};

std::string base32_decode(const std::string& text) {
  const std::string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string bytes;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (const char c : text) {
    buffer = buffer << 5 | static_cast<std::uint32_t>(alphabet.find(c));
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(buffer >> bits & 0xff);
  }
  return bytes;
}

class TotpRoutes : public AccountFixture {
 protected:
  TotpRoutes() {
    serve({totp_routes.table(), credential_routes.table(), sign_in_routes.table()}, factor_door);
    token = token_of_new("ada@example.org");
  }

  static std::string code_json(const std::string& code) {
    return R"({"totp_code":")" + code + "\"}";
  }
  static std::string proof_json(const std::string& password, const std::string& code = "") {
    const std::string extra = code.empty() ? "" : R"(,"totp_code":")" + code + "\"";
    return R"({"password":")" + password + "\"" + extra + "}";
  }
  http::Response step_up(const std::string& code) {
    return asked(Method::Post, "/api/v1/auth/step-up", token, proof_json(kPassword, code));
  }
  void let_the_proof_age() {
    arrange("UPDATE sec.sessions SET auth_time = now() - interval '5 minutes 1 second'");
  }
  http::Request sign_in_request(const std::string& code, const std::string& password = kPassword) {
    const std::string extra = code.empty() ? "" : R"(,"totp_code":")" + code + "\"";
    return request(Method::Post, "/api/v1/auth/token", {},
                   R"({"email":"ada@example.org","password":")" + password + "\"" + extra + "}");
  }
  http::Response sign_in_with(const std::string& code, const std::string& password = kPassword) {
    return run_task(io, begin(sign_in_request(code, password)));
  }
  std::string code_at(std::int64_t steps) const {
    return crypto::totp_code(secret, crypto::totp_step(stopped.time) + steps);
  }
  std::vector<std::string> enrol() {
    const auto begun = asked(Method::Post, "/api/v1/auth/totp", token);
    secret = base32_decode(text(begun, "/secret"));
    const auto done =
        asked(Method::Post, "/api/v1/auth/totp/confirm", token, code_json(code_at(0)));
    EXPECT_EQ(done.status, 200) << done.body;
    std::vector<std::string> codes;
    const auto document = json(done);
    for (const auto& code : document.at("recovery_codes").as_array()) {
      codes.emplace_back(code.as_string());
    }
    stopped.time += std::chrono::seconds(30);
    return codes;
  }

  StoppedClock stopped;
  crypto::KeyRing keys = crypto::ring_of(std::string(32, 'f'));
  factors::TotpRepository totp_repository{auth};
  factors::TotpService factors{totp_repository, keys, stopped};
  accounts::AccountService guarded{
      repository, {hasher, hash_pool, tokens, signer, lookup_key, {}, nullptr, &factors}};
  accounts::AccountRoutes sign_in_routes{guarded, csrf};
  credentials::OwnProof own_proof{
      auth, {hasher, hash_pool, tokens, signer, lookup_key, {}, nullptr, &factors}};
  RememberingMailer mailer;
  credentials::CredentialRoutes credential_routes{auth, own_proof, mailer};
  factors::TotpRoutes totp_routes{factors, guarded, own_proof, mailer};
  factors::SecondFactorDoor factor_door{door, factors, true};
  std::string token;
  std::string secret;
};

TEST_F(TotpRoutes, EnrolAndAskForACodeFromThenOn) {
  const auto begun = asked(Method::Post, "/api/v1/auth/totp", token);
  ASSERT_EQ(begun.status, 200) << begun.body;
  EXPECT_THAT(text(begun, "/otpauth_uri"), StartsWith("otpauth://totp/Evently:ada%40example.org?"));
  EXPECT_EQ(text(begun, "/secret").size(), 32U);
  EXPECT_EQ(sign_in_with("").status, 200) << "not confirmed yet";

  const std::string other = token_of("ada@example.org");
  const auto codes = enrol();
  EXPECT_EQ(std::set<std::string>(codes.begin(), codes.end()).size(), 10U);
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", other).status, 401) << "opened without the factor";
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", token).status, 200);
  EXPECT_EQ(sign_in_with(code_at(0)).status, 200);
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp", token).status, 409);
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp/confirm", token, code_json("123456")).status,
            409);
}

TEST_F(TotpRoutes, AnswerAMissingCodeAsAWrongPassword) {
  enrol();
  const auto wrong_password = sign_in_with(code_at(0), "wrong horse battery");
  EXPECT_EQ(wrong_password.status, 401);
  for (const std::string& code : {std::string(), std::string("000000"), std::string("nonsense")}) {
    const auto refused = sign_in_with(code);
    EXPECT_EQ(refused.status, 401) << code;
    EXPECT_EQ(without_error_id(refused), without_error_id(wrong_password)) << code;
  }
  EXPECT_EQ(sign_in_with(code_at(0)).status, 200) << "a wrong password uses no code up";
}

TEST_F(TotpRoutes, TakeTheNeighbouringStepsAndEachOnce) {
  enrol();
  EXPECT_EQ(sign_in_with(code_at(-1)).status, 401) << "used at enrolment";
  EXPECT_EQ(sign_in_with(code_at(2)).status, 401);
  EXPECT_EQ(sign_in_with(code_at(0)).status, 200);
  EXPECT_EQ(sign_in_with(code_at(0)).status, 401);
  EXPECT_EQ(sign_in_with(code_at(1)).status, 200);
  EXPECT_EQ(sign_in_with(code_at(0)).status, 401) << "older than one that was used";
}

TEST_F(TotpRoutes, TakeACodeOnceOfManyAtTheSameTime) {
  const auto recovery = enrol();
  for (const std::string& code : {code_at(0), recovery[0]}) {
    std::vector<Task<http::Response>> rivals;
    for (int i = 0; i < 8; ++i) rivals.push_back(begin(sign_in_request(code)));
    int passed = 0;
    for (const auto& answer : run_together(io, std::move(rivals))) {
      passed += answer.status == 200 ? 1 : 0;
    }
    EXPECT_EQ(passed, 1) << code;
  }
}

TEST_F(TotpRoutes, TakeEachRecoveryCodeOnceHoweverItIsTyped) {
  const auto codes = enrol();
  EXPECT_EQ(sign_in_with(codes[0]).status, 200);
  EXPECT_EQ(sign_in_with(codes[0]).status, 401);
  std::string typed = codes[1];
  std::erase(typed, '-');
  for (char& c : typed) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  EXPECT_EQ(sign_in_with(typed).status, 200);
}

TEST_F(TotpRoutes, StoreNoSecretInTheClear) {
  const auto codes = enrol();
  const auto rows = superuser.run(
      {"test.stored",
       "SELECT t.secret, (SELECT string_agg(encode(code_hash, 'escape'), ' ') FROM "
       "sec.recovery_codes) AS codes, (SELECT string_agg(to_jsonb(r)::text, ' ') FROM "
       "sec.recovery_codes r) AS code_rows, (SELECT string_agg(changes::text, ' ') FROM aud.event "
       "WHERE "
       "action LIKE 'sec.totp%') AS audit FROM sec.totp t"});
  ASSERT_EQ(rows.size(), 1);
  const auto stored = rows[0].get<std::string>("secret");
  EXPECT_THAT(crypto::base64url_decode(stored).value(), Not(HasSubstr(secret)));
  for (const std::string& code : codes) {
    std::string bare = code;  // as it is hashed
    std::erase(bare, '-');
    ASSERT_LT(bare.size(), code.size());
    for (const char* column : {"codes", "code_rows", "audit"}) {
      EXPECT_THAT(rows[0].get<std::string>(column), Not(HasSubstr(code)));
      EXPECT_THAT(rows[0].get<std::string>(column), Not(HasSubstr(bare)));
    }
  }
  EXPECT_THAT(rows[0].get<std::string>("audit"), Not(HasSubstr(stored)));
}

TEST_F(TotpRoutes, OpenNoSecretThatWasPutOnAnotherPerson) {
  enrol();
  register_person("eve@example.org");
  arrange(
      "INSERT INTO sec.totp (user_id, secret, confirmed_at) SELECT u.id, t.secret, now() FROM "
      "core.users u, sec.totp t WHERE u.email = 'eve@example.org'");
  http::Request stolen =
      request(Method::Post, "/api/v1/auth/token", {},
              R"({"email":"eve@example.org","password":"correct horse battery","totp_code":")" +
                  code_at(0) + "\"}");
  EXPECT_THROW(run_task(io, begin(std::move(stolen))), std::runtime_error);
}

TEST_F(TotpRoutes, GiveTheFactorUpForPasswordAndCodeOnly) {
  const auto give_up = [this](const std::string& password, const std::string& code) {
    return asked(Method::Delete, "/api/v1/auth/totp", token, proof_json(password, code));
  };
  EXPECT_EQ(give_up(kPassword, "123456").status, 404);
  const auto codes = enrol();
  const auto no_password = asked(Method::Delete, "/api/v1/auth/totp", token, code_json(codes[3]));
  EXPECT_EQ(no_password.status, 400);
  EXPECT_EQ(text(no_password, "/details/0/pointer"), "/password");
  const auto refused = give_up(kPassword, "000000");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(text(refused, "/code"), "invalid_credentials");
  EXPECT_EQ(without_error_id(give_up("wrong horse battery", codes[3])), without_error_id(refused));
  EXPECT_EQ(without_error_id(give_up(kPassword, "")), without_error_id(refused));
  EXPECT_EQ(sign_in_with("").status, 401) << "still there";
  EXPECT_EQ(give_up(kPassword, codes[3]).status, 204);
  EXPECT_EQ(sign_in_with("").status, 200);
}

TEST_F(TotpRoutes, TellTheOwnerOfAFactorAddedAndRemoved) {
  const auto codes = enrol();
  ASSERT_EQ(mailer.posted().size(), 1U);
  EXPECT_EQ(mailer.posted()[0].to, "ada@example.org");
  EXPECT_THAT(mailer.posted()[0].subject, HasSubstr("was added"));
  const std::string proof = proof_json(kPassword, codes[0]);
  ASSERT_EQ(asked(Method::Delete, "/api/v1/auth/totp", token, proof).status, 204);
  ASSERT_EQ(mailer.posted().size(), 2U);
  EXPECT_THAT(mailer.posted()[1].subject, HasSubstr("was removed"));
}

TEST_F(TotpRoutes, GiveUpWhatWasOnlyBegunForThePassword) {
  asked(Method::Post, "/api/v1/auth/totp", token);
  EXPECT_EQ(asked(Method::Delete, "/api/v1/auth/totp", token, proof_json(kPassword)).status, 204);
  EXPECT_TRUE(mailer.posted().empty()) << "it never counted";
}

TEST_F(TotpRoutes, AskForAFreshProofToEnrol) {
  let_the_proof_age();
  EXPECT_EQ(text(asked(Method::Post, "/api/v1/auth/totp", token), "/code"), "step_up_required");
  EXPECT_EQ(step_up("").status, 204);
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp", token).status, 200);
  let_the_proof_age();
  const auto stale = asked(Method::Post, "/api/v1/auth/totp/confirm", token, code_json("123456"));
  EXPECT_EQ(text(stale, "/code"), "step_up_required");
}

TEST_F(TotpRoutes, AreAskedForAtStepUpAndForANewPassword) {
  enrol();
  let_the_proof_age();
  EXPECT_EQ(step_up("").status, 401);
  EXPECT_EQ(step_up("000000").status, 401);
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp", token).status, 403) << "not proved by that";
  EXPECT_EQ(step_up(code_at(0)).status, 204);
  EXPECT_EQ(step_up(code_at(0)).status, 401) << "used up";
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp", token).status, 409);

  const auto change = [this](const std::string& code) {
    const std::string extra = code.empty() ? "" : R"(,"totp_code":")" + code + "\"";
    return asked(Method::Post, "/api/v1/auth/password", token,
                 R"({"current_password":"correct horse battery","new_password":"wrong donkey )"
                 R"(battery")" +
                     extra + "}");
  };
  EXPECT_EQ(change("").status, 401);
  EXPECT_EQ(change(code_at(1)).status, 204);
}

TEST_F(TotpRoutes, RefuseAConfirmationWithoutItsCode) {
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp/confirm", token, code_json("123456")).status,
            409);
  asked(Method::Post, "/api/v1/auth/totp", token);
  const auto refused = asked(Method::Post, "/api/v1/auth/totp/confirm", token, code_json("12345"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "/details/0/code"), "wrong_code");
  EXPECT_EQ(asked(Method::Post, "/api/v1/auth/totp/confirm", "", code_json("123456")).status, 401);
}

TEST_F(TotpRoutes, LetAnAdministratorWithoutAFactorOnlyEnrol) {
  arrange("UPDATE core.users SET role = 'admin'");
  const auto refused = asked(Method::Get, "/api/v1/me", token);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/code"), "second_factor_required");
  enrol();
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", token).status, 200);
}

TEST_F(TotpRoutes, AreTakenAwayByTheOperatorWithEverySession) {
  enrol();
  postgres::SyncConnection operators(database.conninfo("application_operator"));
  const postgres::Statement reset{"test.reset", "SELECT sec.reset_totp($1) AS done"};
  const auto lookup = postgres::parameters(
      postgres::encode_bytes(accounts::email_lookup(lookup_key, "ada@example.org")));
  EXPECT_TRUE(operators.run(reset, lookup)[0].get<bool>("done"));
  EXPECT_FALSE(operators.run(reset, lookup)[0].get<bool>("done"));
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", token).status, 401);
  EXPECT_EQ(sign_in_with("").status, 200);
}

}  // namespace
}  // namespace evently::testing
