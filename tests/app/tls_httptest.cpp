// HTTPS by --tls-cert and --tls-key, tried with the tools that operators have.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "support/own_certificate.hpp"
#include "support/server_process.hpp"
#include "support/shell.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string output_of(const std::string& command) { return run_shell(command).output; }

/// A server with a certificate that was made for the purpose.
class TlsServer : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    own_ = std::make_unique<OwnCertificate>();
    server_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{"--tls-cert", certificate(), "--tls-key", key()});
  }
  static void TearDownTestSuite() {
    server_.reset();
    own_.reset();
  }

  static std::string certificate() { return own_->certificate(); }
  static std::string key() { return own_->key(); }
  static std::string file(const std::string& name) { return own_->file(name); }
  static std::string port() { return std::to_string(server_->port()); }

  /// Verifies the certificate; prints head and body.
  static std::string curl(const std::string& path, const std::string& options = "") {
    return output_of("curl -sSi --max-time 20 --cacert " + certificate() + " " + options +
                     " https://localhost:" + port() + path);
  }
  static std::string s_client(const std::string& options) {
    return output_of("timeout 20 openssl s_client -connect 127.0.0.1:" + port() + " " + options +
                     " </dev/null");
  }

 private:
  static inline std::unique_ptr<OwnCertificate> own_;
  static inline std::unique_ptr<ServerProcess> server_;
};

constexpr char kJson[] = "-H 'Content-Type: application/json' ";

TEST_F(TlsServer, AnswersHttpsAndAsksToStayThere) {
  const std::string answer = curl("/api/v1/health/ready");
  EXPECT_THAT(answer, HasSubstr("HTTP/1.1 200"));
  EXPECT_THAT(answer, HasSubstr("Strict-Transport-Security: max-age=31536000"));
}

TEST_F(TlsServer, SignsInByACookieThatOnlyHttpsCarries) {
  const std::string jar = " -c " + file("jar") + " -b " + file("jar");
  const std::string who =
      R"('{"email":"tls@example.org","name":"T","password":"correct horse 9"}')";
  ASSERT_THAT(curl("/api/v1/auth/register", kJson + ("-d " + who)), HasSubstr("HTTP/1.1 201"));
  const std::string wish = R"('{"email":"tls@example.org","password":"correct horse 9"}')";
  const std::string signed_in = curl("/api/v1/auth/login", kJson + ("-d " + wish + jar));
  EXPECT_THAT(signed_in, HasSubstr("Set-Cookie: __Host-"));
  EXPECT_THAT(signed_in, HasSubstr("; Secure; HttpOnly"));
  EXPECT_THAT(curl("/api/v1/me", jar), HasSubstr("tls@example.org"));
}

TEST_F(TlsServer, SpeaksHttp11ByAlpnAndNothingElse) {
  EXPECT_THAT(s_client("-alpn h2,http/1.1"), HasSubstr("ALPN protocol: http/1.1"));
  EXPECT_THAT(s_client("-alpn h2"), HasSubstr("no application protocol"));
}

TEST_F(TlsServer, RefusesOldProtocols) {
  for (const char* old : {"-tls1", "-tls1_1"}) {
    const std::string said = s_client(std::string(old) + " -cipher ALL:@SECLEVEL=0");
    EXPECT_THAT(said, HasSubstr("protocol version")) << old;
    EXPECT_THAT(said, HasSubstr("Cipher is (NONE)")) << old;
  }
}

TEST_F(TlsServer, TakesModernProtocolsWithForwardSecrecy) {
  EXPECT_THAT(s_client("-tls1_2"), HasSubstr("Cipher is ECDHE-"));
  EXPECT_THAT(s_client("-tls1_2 -cipher AES128-GCM-SHA256"), HasSubstr("Cipher is (NONE)"));
  EXPECT_THAT(s_client("-tls1_3"), HasSubstr("New, TLSv1.3"));
}

TEST_F(TlsServer, ResumesASessionOnWhicheverWorkerAnswers) {
  s_client("-tls1_2 -sess_out " + file("session"));
  for (int n = 0; n < 6; ++n) {
    EXPECT_THAT(s_client("-tls1_2 -sess_in " + file("session")), HasSubstr("Reused, TLSv1.2"));
  }
}

TEST_F(TlsServer, DoesNotAnswerPlainHttp) {
  const std::string said = output_of("curl -sS --max-time 20 http://127.0.0.1:" + port() + "/");
  EXPECT_THAT(said, HasSubstr("curl: ("));
  EXPECT_THAT(said, Not(HasSubstr("HTTP/1.1 200")));
}

TEST_F(TlsServer, RefusesToStartWithAnotherCertificatesKey) {
  output_of("openssl genpkey -algorithm ed25519 -out " + file("other.pem"));
  const CommandResult result =
      run_evently({"serve", "--data-dir", file("data"), "--listen", "127.0.0.1:0", "--tls-cert",
                   certificate(), "--tls-key", file("other.pem")});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_EQ(result.output, "evently: --tls-key " + file("other.pem") +
                               ": is not the key of --tls-cert " + certificate() + "\n");
}

TEST_F(TlsServer, RefusesAKeyThatWantsAPassphrase) {
  output_of("openssl pkey -aes256 -passout pass:secret -in " + key() + " -out " +
            file("locked.pem"));
  const CommandResult result =
      run_evently({"serve", "--data-dir", file("data"), "--listen", "127.0.0.1:0", "--tls-cert",
                   certificate(), "--tls-key", file("locked.pem")});
  EXPECT_EQ(result.exit_code, 78);
  EXPECT_THAT(result.output, HasSubstr("without a passphrase"));
}

}  // namespace
}  // namespace evently::testing
