// A browser's truth: cookies and policies hold because browsers keep them, so one is asked
// (requirements B9, D1, D2, D3). What each scenario does stands in tests/support/browser_truth.py.
#include <gtest/gtest.h>
#include <poll.h>

#include <chrono>
#include <memory>

#include "support/own_certificate.hpp"
#include "support/server_process.hpp"
#include "support/shell.hpp"

namespace evently::testing {
namespace {

class RealBrowser : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    own_ = std::make_unique<OwnCertificate>();
    server_ = std::make_unique<ServerProcess>(
        std::vector<std::string>{"--tls-cert", own_->certificate(), "--tls-key", own_->key(),
                                 "--sample-events", EVENTLY_SOURCE_DIR "/samples/events.ndjson"});
  }
  static void TearDownTestSuite() {
    server_.reset();
    own_.reset();
  }

  /// A Chromium of its own plays it, within four minutes.
  static void plays(const std::string& scenario) {
    const CommandResult result =
        run_shell("timeout -k 20 240 /usr/bin/python3 " EVENTLY_SOURCE_DIR
                  "/tests/support/browser_truth.py " +
                  scenario + " https://localhost:" + std::to_string(server_->port()) + " " +
                  own_->certificate() + " " + own_->key());
    EXPECT_EQ(result.exit_code, 0) << result.output;
  }

  /// Does it stand in the log, at last?
  static bool logs(const std::string& text) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(90);
    while (server_->output().find(text) == std::string::npos) {
      if (std::chrono::steady_clock::now() > limit) return false;
      ::poll(nullptr, 0, 50);
    }
    return true;
  }

 private:
  static inline std::unique_ptr<OwnCertificate> own_;
  static inline std::unique_ptr<ServerProcess> server_;
};

TEST_F(RealBrowser, KeepsTheSessionCookieFromScriptsAndSendsItBack) { plays("cookies"); }

TEST_F(RealBrowser, IsOfNoUseToPagesOfOtherOrigins) { plays("forgery"); }

TEST_F(RealBrowser, ShowsTheDocsUnderTheirPolicyAndRunsNothingElse) {
  plays("policy");
  EXPECT_TRUE(logs(R"("event":"browser.csp_report","directive":"script-src-elem")"));
}

}  // namespace
}  // namespace evently::testing
