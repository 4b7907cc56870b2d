// A browser's day, and what other sites and forgers get, asked of the whole program.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "base/uuid.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

std::string jar_of(const Answer& answer, const std::string& name) {
  const std::string all = answer.header("set-cookie");
  std::smatch found;
  return std::regex_search(all, found, std::regex(name + "=[^;]+")) ? found[0].str() : "";
}

/// Everything of an answer that may tell two refusals apart.
std::string essence(const Answer& answer) {
  std::string text = std::to_string(answer.status) + "\n" +
                     std::regex_replace(answer.body, std::regex(R"("errorId":"[^"]*")"), "");
  for (const auto& [name, value] : answer.headers) {
    if (name == "date" || name == "x-request-id" || name.starts_with("ratelimit")) continue;
    text += "\n" + name + ": " + value;
  }
  return text;
}

/// Sixty texts that look like `good` and are not.
std::set<std::string> forgeries(const std::string& good) {
  std::set<std::string> forged{"",         ".",         "..",           "...",
                               "null",     "undefined", good + "=",     good + ".",
                               "." + good, good + "A",  good.substr(1), good + "." + good};
  const std::size_t first = good.find('.');
  const std::size_t last = good.rfind('.');
  const std::string header = good.substr(0, first);
  const std::string payload = good.substr(first, last - first);
  // {"alg":"none","typ":"JWT"}, {"alg":"none"}, {"typ":"JWT","alg":"HS256"}
  for (const char* other : {"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJub25lIn0",
                            "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9"}) {
    forged.insert(other + payload + ".");
    forged.insert(other + good.substr(first));
  }
  forged.insert(header + payload);
  forged.insert(header + payload + ".");
  for (std::size_t i = 0; forged.size() < 60; i += 7) {
    std::string changed = good;
    char& c = changed[i % good.size()];
    c = c == 'A' ? 'B' : 'A';
    if (changed != good) forged.insert(changed);
  }
  return forged;
}

TEST(BrowserStory, SignsInActsAndSignsOut) {
  HttpClient client = ServerProcess::shared().client();
  const std::string password = "turtles-all-the-way-42";
  const std::string email = to_string(make_uuid_v7()) + "@example.org";
  const std::string wish = R"({"email":")" + email + R"(","password":")" + password + "\"";
  ASSERT_EQ(client.post("/api/v1/auth/register", wish + R"(,"name":"Ada"})").status, 201);
  const Answer form = client.get("/api/v1/auth/csrf");
  const std::string pre = jar_of(form, "__Host-evently_pre");
  ASSERT_NE(pre, "") << form.header("set-cookie");
  const std::pair<std::string, std::string> same{"Sec-Fetch-Site", "same-origin"};
  const std::pair<std::string, std::string> ours{
      "Origin", "http://127.0.0.1:" + std::to_string(ServerProcess::shared().port())};
  const std::pair<std::string, std::string> ticket{"X-CSRF-Token", form.text("/csrf_token")};
  EXPECT_EQ(client.post("/api/v1/auth/login", wish + "}", {{"Cookie", pre}, same}).status, 403);
  EXPECT_EQ(
      client.post("/api/v1/auth/login", wish + "}", {{"Origin", "https://evil.example"}}).status,
      403);
  const Answer in = client.post("/api/v1/auth/login", wish + "}", {{"Cookie", pre}, ours, ticket});
  ASSERT_EQ(in.status, 200) << in.body;
  const std::string session = jar_of(in, "__Host-evently_session");

  const Answer me = client.get("/api/v1/me", {{"Cookie", session}});
  EXPECT_EQ(me.text("/email"), email);
  EXPECT_EQ(me.header("cache-control"), "no-store");
  const Answer decoy = client.get("/api/v1/me/x.css", {{"Cookie", session}});
  EXPECT_EQ(decoy.status, 404);
  EXPECT_EQ(decoy.header("cache-control"), "no-store");
  EXPECT_EQ(client.get("/api/v1/me", {{"Cookie", session + "; " + session}}).status, 400);

  const std::string out = "/api/v1/auth/logout";
  EXPECT_EQ(client.post(out, "", {{"Cookie", session}, same, ticket}).status, 403);
  const Answer gone =
      client.post(out, "", {{"Cookie", session}, same, {"X-CSRF-Token", in.text("/csrf_token")}});
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(gone.header("clear-site-data"), R"("cache", "storage")");
  EXPECT_EQ(client.get("/api/v1/me", {{"Cookie", session}}).status, 401);
}

TEST(BrowserStory, SixtyForgedTokensGetOneAnswer) {
  HttpClient client = ServerProcess::shared().client();
  const Person ada = register_person(client);
  const auto forged = forgeries(ada.token);
  ASSERT_EQ(forged.size(), 60U);
  std::set<std::string> answers;
  for (const std::string& token : forged) {
    answers.insert(essence(client.get("/api/v1/me", bearer(token))));
  }
  EXPECT_EQ(answers.size(), 1U) << *answers.begin() << "\n\n" << *answers.rbegin();
  EXPECT_TRUE(answers.begin()->starts_with("401\n"));
  EXPECT_EQ(client.get("/api/v1/me", bearer(ada.token)).status, 200);
}

}  // namespace
}  // namespace evently::testing
