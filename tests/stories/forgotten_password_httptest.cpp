// A forgotten password, over a real mail server: ask, read the mail, take the new password.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include "support/server_process.hpp"
#include "support/smtp_sink.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string code_in(const std::string& message) {
  const std::string body = body_of(message);
  return body.substr(body.find("Code: ") + 6, 64);
}

std::string by_email(const std::string& email) { return R"({"email":")" + email + "\"}"; }

std::string sign_in_body(const std::string& password) {
  return R"({"email":"ada@example.org","password":")" + password + "\"}";
}

TEST(ForgottenPassword, IsReplacedByACodeFromTheMailbox) {
  const SmtpSink mailbox;
  ServerProcess server({"--smtp-url", mailbox.url(), "--mail-from", "evently@example.org"});
  HttpClient client = server.client();
  const std::string account =
      R"({"email":"ada@example.org","name":"x Bcc: v@example.org","password":"correct horse battery"})";
  ASSERT_EQ(client.post("/api/v1/auth/register", account).status, 201);
  ASSERT_EQ(client.post("/api/v1/auth/password/forgot", by_email("eve@example.org")).status, 202);
  ASSERT_EQ(client.post("/api/v1/auth/password/forgot", by_email("ada@example.org")).status, 202);

  const std::string message = mailbox.message(1);
  EXPECT_EQ(mailbox.recipients(1), "ada@example.org");
  EXPECT_THAT(message, HasSubstr("To: <ada@example.org>"));
  const std::string code = code_in(message);
  const std::string wish = R"({"token":")" + code + R"(","new_password":"wrong donkey battery"})";
  EXPECT_EQ(client.post("/api/v1/auth/password/reset", wish).status, 204);
  EXPECT_EQ(client.post("/api/v1/auth/token", sign_in_body("wrong donkey battery")).status, 200);
  EXPECT_EQ(client.post("/api/v1/auth/token", sign_in_body("correct horse battery")).status, 401);
  EXPECT_THAT(body_of(mailbox.message(2)), HasSubstr("was changed"));
  EXPECT_FALSE(mailbox.has(3)) << "nothing is sent for an unknown address";
  EXPECT_THAT(server.output(), Not(HasSubstr(code)));
}

TEST(ForgottenPassword, GoesToAFileWhereNoMailServerIsNamed) {
  ServerProcess server;
  HttpClient client = server.client();
  ASSERT_EQ(
      client
          .post("/api/v1/auth/register",
                R"({"email":"ada@example.org","name":"Ada","password":"correct horse battery"})")
          .status,
      201);
  ASSERT_EQ(client.post("/api/v1/auth/password/forgot", by_email("ada@example.org")).status, 202);
  const auto folder = server.data_dir() / "data" / "mail";
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::string message;  // a file is whole a moment after it is there
  while (!message.ends_with("\r\n") && std::chrono::steady_clock::now() < limit) {
    ::poll(nullptr, 0, 10);
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      message = read_text(file.path());
    }
  }
  ASSERT_NE(message, "");
  const std::string wish =
      R"({"token":")" + code_in(message) + R"(","new_password":"wrong donkey battery"})";
  EXPECT_EQ(client.post("/api/v1/auth/password/reset", wish).status, 204);
}

TEST(ForgottenPassword, NeedsASenderBesideTheServer) {
  const auto alone = run_evently({"serve", "--smtp-url", "smtp://127.0.0.1:25"});
  EXPECT_EQ(alone.exit_code, 78);
  EXPECT_THAT(alone.output, HasSubstr("--mail-from"));
  const auto wrong = run_evently(
      {"serve", "--smtp-url", "http://127.0.0.1", "--mail-from", "evently@example.org"});
  EXPECT_EQ(wrong.exit_code, 78);
  EXPECT_THAT(wrong.output, HasSubstr("--smtp-url"));
}

}  // namespace
}  // namespace evently::testing
