// Mail over TLS with a login, at a real mail server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/mail/carrier.hpp"
#include "support/own_certificate.hpp"
#include "support/smtp_sink.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;

constexpr char kMessage[] = "Subject: s\r\n\r\nbody\r\n";

/// Why the mail did not go; empty when it did.
std::string carry(const std::string& url, const std::string& authorities = "") {
  return mail::make_smtp_carrier(url, authorities)
      ->carry("1", "evently@example.org", "ada@example.org", kMessage);
}

class SmtpSecurity : public ::testing::TestWithParam<const char*> {
 protected:
  /// smtp for STARTTLS, smtps for TLS from the start.
  static std::string scheme() { return GetParam() == std::string("tls") ? "smtps" : "smtp"; }
  static std::vector<std::string> security(const OwnCertificate& own) {
    return {GetParam(), own.certificate(), own.key(), "evently", "p@ss/word"};
  }

  OwnCertificate own_;
  SmtpSink server_{security(own_)};
};

TEST_P(SmtpSecurity, CarriesMailWithALogin) {
  EXPECT_EQ(carry(server_.url_elsewhere(scheme(), "evently:p%40ss%2Fword@"), own_.certificate()),
            "");
  EXPECT_THAT(server_.message(1), HasSubstr("body"));
  EXPECT_EQ(server_.recipients(1), "ada@example.org");
}

TEST_P(SmtpSecurity, GivesTheLoginToNoServerWithoutItsCertificate) {
  const OwnCertificate another;
  const std::string url = server_.url_elsewhere(scheme(), "evently:p%40ss%2Fword@");
  EXPECT_NE(carry(url), "") << "not by the system's authorities";
  EXPECT_NE(carry(url, another.certificate()), "");
  EXPECT_FALSE(server_.has(1));
}

TEST_P(SmtpSecurity, IsRefusedWithoutTheRightLogin) {
  EXPECT_NE(carry(server_.url_elsewhere(scheme(), "evently:wrong@"), own_.certificate()), "");
  EXPECT_NE(carry(server_.url_elsewhere(scheme()), own_.certificate()), "");
  EXPECT_FALSE(server_.has(1));
}

INSTANTIATE_TEST_SUITE_P(Both, SmtpSecurity, ::testing::Values("starttls", "tls"));

TEST(SmtpCarrier, GoesToNoOtherMachineWithoutTls) {
  const SmtpSink plain;
  EXPECT_EQ(carry(plain.url()), "") << "this machine";
  EXPECT_NE(carry(plain.url_elsewhere("smtp")), "") << "another";
  EXPECT_FALSE(plain.has(2));
}

TEST(SmtpCarrier, RefusesAuthoritiesThatCannotBeRead) {
  EXPECT_THROW(mail::make_smtp_carrier("smtp://127.0.0.1", "/absent.pem"), std::invalid_argument);
}

}  // namespace
}  // namespace evently::testing
