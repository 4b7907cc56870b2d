// Requirement B14: every key is rotated under load and nobody notices; a retired key opens nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <regex>
#include <sstream>
#include <thread>

#include "platform/crypto/base64url.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

constexpr seconds kPatience{60};

std::string kid_of(const std::string& token) {
  const std::string header =
      crypto::base64url_decode(token.substr(0, token.find('.'))).value_or("");
  const std::size_t at = header.find(R"("kid":")") + 7;
  return header.substr(at, header.find('"', at) - at);
}

class KeyRotation : public ::testing::Test {
 protected:
  Answer sign_in(const std::string& email) {
    return client.post("/api/v1/auth/token",
                       R"({"email":")" + email + R"(","password":"correct horse battery"})");
  }
  CommandResult keys(std::vector<std::string> words) {
    words.insert(words.begin(), "keys");
    words.insert(words.end(), {"--data-dir", (server.data_dir() / "data").string()});
    return run_evently(words);
  }
  /// Signed out, forbidden, or broken: what a rotation must not cause.
  void note(const Answer& answer) {
    if (answer.status != 401 && answer.status != 403 && answer.status < 500) return;
    if (++surprises <= 3) ADD_FAILURE() << answer.status << " " << answer.body;
  }
  /// Asks as a signed-in person until told to stop.
  void keep_asking(const std::string& token, const std::string& event_id) {
    HttpClient caller = server.client();
    while (!done) {
      const Answer me = caller.get("/api/v1/me", bearer(token));
      const Answer booked = caller.post(
          "/api/v1/bookings", R"({"event_id":")" + event_id + R"(","quantity":1})", bearer(token));
      asked += 2;
      note(me);
      note(booked);
    }
  }
  /// A sign-in hashes the password anew under the key that signs. Pepper's was announced after the
  /// others, so it may sign a little later: `keys status` after the first sign-in that used it, or
  /// the last answer there was.
  std::string status_once_rehashed(const std::string& email) {
    const std::regex rehashed("pepper +2 signs .* [1-9][0-9]* passwords");
    const auto limit = steady_clock::now() + kPatience;
    std::string status;
    while (!std::regex_search(status, rehashed) && steady_clock::now() < limit) {
      const Answer signed_in = sign_in(email);
      EXPECT_EQ(signed_in.status, 200) << signed_in.body;
      status = keys({"status"}).output;
    }
    return status;
  }
  /// Moves the end of key 1 into the past, as the clock would.
  void retire_first_token_key() const {
    const auto path = server.data_dir() / "data" / "secrets" / "jwt.key";
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    const std::string retired = std::regex_replace(
        text.str(), std::regex("^(1 [0-9a-f]+ [^ ]+) [^\n]+"), "$1 2026-01-01T00:00:00Z");
    std::ofstream(path) << retired;
  }

  ServerProcess server;
  HttpClient client = server.client();
  std::atomic<bool> done{false};
  std::atomic<int> asked{0};
  std::atomic<int> surprises{0};
};

TEST_F(KeyRotation, SignsNobodyOutUnderLoadAndEndsTheOldKey) {
  const Person administrator = make_administrator(server);
  const std::string event_id = create_event(client, administrator, 1'000);
  const Person person = register_person(client);
  const Person newcomer =
      register_person(client);  // another: eleven sign-ins end the first session
  ASSERT_EQ(kid_of(person.token), "1");
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] { keep_asking(person.token, event_id); });
  }

  const CommandResult rotated = keys({"rotate"});
  EXPECT_EQ(rotated.exit_code, 0) << rotated.output;
  std::string fresh;
  std::string renewed_kid;
  const auto limit = steady_clock::now() + kPatience;
  while (renewed_kid != "2" && steady_clock::now() < limit) {
    const Answer signed_in = sign_in(newcomer.email);
    fresh = signed_in.text("/access_token");
    renewed_kid = kid_of(fresh);
    note(client.get("/api/v1/me", bearer(fresh)));
  }
  // The key of the contexts was announced in the same second or the next: a little more load.
  const int enough = asked + 500;
  while (asked < enough && steady_clock::now() < limit)
    note(client.get("/api/v1/me", bearer(fresh)));
  done = true;
  for (std::thread& caller : callers) caller.join();

  EXPECT_THAT(rotated.output, HasSubstr("jwt: key 2 signs from"));
  EXPECT_EQ(renewed_kid, "2");
  EXPECT_EQ(surprises, 0) << "of " << asked;
  EXPECT_GE(asked, 500);

  // Not newcomer's: more sign-ins would end the session of `fresh`.
  const std::string status = status_once_rehashed(person.email);
  EXPECT_THAT(status, ContainsRegex("jwt +1 still counts .* [1-9][0-9]* live sessions"));
  EXPECT_THAT(status, ContainsRegex("jwt +2 signs .* [1-9][0-9]* live sessions"));
  EXPECT_THAT(status, ContainsRegex("context +2 signs"));
  EXPECT_THAT(status, ContainsRegex("pepper +2 signs .* [1-9][0-9]* passwords"));

  retire_first_token_key();
  const auto end = steady_clock::now() + kPatience;
  int status_of_old = 200;
  while (status_of_old == 200 && steady_clock::now() < end) {
    status_of_old = client.get("/api/v1/me", bearer(administrator.token)).status;
  }
  EXPECT_EQ(status_of_old, 401);
  EXPECT_EQ(client.get("/api/v1/me", bearer(fresh)).status, 200);
}

TEST_F(KeyRotation, RefusesWhatIsNoKey) {
  const CommandResult refused = keys({"rotate", "lookup"});
  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.output, HasSubstr("lookup"));
}

}  // namespace
}  // namespace evently::testing
