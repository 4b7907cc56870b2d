#include "platform/mail/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "support/smtp_sink.hpp"

namespace evently::mail {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string compose_with(const std::string& subject, const std::string& body = "hello") {
  return compose({"ada@example.org", subject, body}, "evently@example.org", "1@example.org",
                 TimePoint{std::chrono::seconds(1'700'000'000)});
}

int headers_named(const std::string& message, const std::string& name) {
  std::istringstream lines(message.substr(0, message.find("\r\n\r\n")));
  int count = 0;
  for (std::string line; std::getline(lines, line);) count += line.starts_with(name + ":") ? 1 : 0;
  return count;
}

TEST(Message, HasTheHeadersOfRfc5322) {
  const std::string message = compose_with("Hello");
  EXPECT_THAT(message, HasSubstr("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
  EXPECT_THAT(message, HasSubstr("From: Evently <evently@example.org>\r\n"));
  EXPECT_THAT(message, HasSubstr("To: <ada@example.org>\r\n"));
  EXPECT_THAT(message, HasSubstr("Subject: Hello\r\n"));
  EXPECT_THAT(message, HasSubstr("Message-ID: <1@example.org>\r\n"));
  EXPECT_EQ(testing::body_of(message), "hello");
}

TEST(Message, LetsNoSubjectMakeAHeader) {
  for (const std::string bad : {"x\r\nBcc: v@example.org", "x\nBcc: v@example.org", "x\rBcc: v",
                                "x\r\n\r\nbody", "=?UTF-8?B?DQpCY2M6IHY=?="}) {
    const std::string message = compose_with(bad);
    EXPECT_EQ(headers_named(message, "Bcc"), 0) << bad;
    EXPECT_EQ(headers_named(message, "Subject"), 1);
    EXPECT_THAT(message, HasSubstr("Subject: =?UTF-8?B?"));
    EXPECT_EQ(testing::body_of(message), "hello") << bad;
  }
}

TEST(Message, KeepsAnySubjectWholeInWordsThatFit) {
  std::string subject;
  for (int i = 0; i < 60; ++i) subject += "❤️é";
  const std::string message = compose_with(subject);
  std::istringstream lines(message);
  std::string decoded;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 79U);
    const auto begin = line.find("=?UTF-8?B?");
    if (begin == std::string::npos) continue;
    const std::string word = line.substr(begin + 10, line.find("?=", begin + 10) - begin - 10);
    decoded += testing::body_of("\r\n\r\n" + word);
  }
  EXPECT_EQ(decoded, subject);
}

TEST(Message, EndsNowhereInItsBody) {
  const std::string body = "one\r\n.\r\nMAIL FROM:<eve@example.org>\r\n.";
  const std::string message = compose_with("s", body);
  EXPECT_THAT(message, Not(HasSubstr("\r\n.")));
  EXPECT_EQ(testing::body_of(message), body);
}

TEST(Message, RefusesAddressesThatAreNotPlain) {
  for (const std::string bad : {"", "@", "a@", "@b.c", "a b@c.d", "a@b.c>\r\nRCPT TO:<e@f.g",
                                "a@b.c\r\nBcc: x@y.z", "a@b.c,e@f.g", "<a@b.c>", "\"a b\"@c.d"}) {
    EXPECT_FALSE(is_plain_address(bad)) << bad;
    EXPECT_THROW(compose({bad, "s", "b"}, "evently@example.org", "1@x", TimePoint{}),
                 std::invalid_argument);
  }
  EXPECT_TRUE(is_plain_address("o'reilly+tag@example.org"));
  EXPECT_TRUE(is_plain_address("ädå@exämple.org"));
}

}  // namespace
}  // namespace evently::mail
