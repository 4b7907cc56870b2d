// Who attacks is seen and kept out; whose neighbour he is notices nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <boost/json.hpp>

#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr char kPassword[] = "correct horse battery";
constexpr char kBlocks[] = "/api/v1/security/blocks";

/// The test is a trusted proxy, so that it may be anybody. The tiers that count failures are off:
/// what refuses here is the block.
class Detection : public ::testing::Test {
 protected:
  static ServerProcess& server() {
    static ServerProcess process(
        {"--behind-proxy", "127.0.0.0/8", "--limit", "auth=off", "--limit", "login-pair=off",
         "--limit", "login-account=off", "--limit", "global=off", "--limit", "register=off"},
        RateLimits::AsGiven);
    return process;
  }
  static const Person& admin() {
    static const Person person = make_administrator(server());
    return person;
  }
  static Headers from(const std::string& address, Headers more = {}) {
    more.emplace_back("X-Forwarded-For", address);
    return more;
  }
  Answer sign_in(const std::string& address, const std::string& email, const std::string& password,
                 Headers more = {}, const std::string& path = "/api/v1/auth/token") {
    return client_.post(path, R"({"email":")" + email + R"(","password":")" + password + R"("})",
                        from(address, std::move(more)));
  }
  /// As a page of ours does, in a browser that may have a device cookie.
  Answer sign_in_by_page(const std::string& address, const std::string& email,
                         const std::string& device = "") {
    const Answer ticket = client_.get("/api/v1/auth/csrf", from(address));
    const std::string set = ticket.header("set-cookie");
    const std::string jar = set.substr(0, set.find(';')) + (device.empty() ? "" : "; " + device);
    return sign_in(address, email, kPassword,
                   {{"Sec-Fetch-Site", "same-origin"},
                    {"Cookie", jar},
                    {"X-CSRF-Token", ticket.text("/csrf_token")}},
                   "/api/v1/auth/login");
  }
  Answer ask(const std::string& target) { return client_.get(target, bearer(admin().token)); }
  /// Asks until `holds`, five seconds at most.
  template <class Condition>
  bool soon(Condition holds) {
    for (const auto limit = Time::now() + 5s; Time::now() < limit; ::poll(nullptr, 0, 20)) {
      if (holds()) return true;
    }
    return false;
  }
  bool has_alert(const std::string& kind, const std::string& key) {
    const Answer answer = ask("/api/v1/security/alerts?state=open&limit=100");
    const boost::json::value page = answer.json();
    for (const auto& item : page.at("items").as_array()) {
      if (item.at("kind").as_string() == kind && item.at("key").as_string() == key) return true;
    }
    return false;
  }
  std::int64_t total(const std::string& type) {
    return std::stoll(ask("/api/v1/security/metrics").text("/totals/" + type));
  }

  HttpClient client_ = server().client();
};

TEST_F(Detection, FiveFailuresKeepANetworkFromSigningInAndFromNothingElse) {
  const std::string attacker = "198.51.100.20";
  const Person victim = register_person(client_);
  const Answer home = sign_in_by_page(attacker, victim.email);
  ASSERT_EQ(home.status, 200) << home.body;
  std::string device;
  for (std::string rest = home.header("set-cookie"); !rest.empty();) {
    const std::string line = rest.substr(0, rest.find('\n'));
    rest.erase(0, std::min(line.size() + 1, rest.size()));
    if (line.starts_with("__Host-evently_device=")) device = line.substr(0, line.find(';'));
  }
  ASSERT_FALSE(device.empty());

  for (int i = 0; i < 5; ++i) EXPECT_EQ(sign_in(attacker, "x@example.org", "wrong").status, 401);
  Answer refused;
  ASSERT_TRUE(soon([&] {
    refused = sign_in(attacker, victim.email, kPassword);
    return refused.status == 403;
  }));
  EXPECT_EQ(refused.text("/code"), "address_blocked");
  EXPECT_LE(std::stoi(refused.header("retry-after")), 3600);
  EXPECT_GT(std::stoi(refused.header("retry-after")), 3500);
  EXPECT_EQ(client_.post("/api/v1/auth/register", "{}", from(attacker)).status, 403);

  EXPECT_EQ(client_.get("/api/v1/events", from(attacker)).status, 200);
  EXPECT_EQ(client_.get("/api/v1/me", from(attacker, bearer(victim.token))).status, 200);
  EXPECT_EQ(sign_in_by_page(attacker, victim.email, device).status, 200);
  EXPECT_EQ(sign_in_by_page(attacker, "other@example.org", device).text("/code"),
            "address_blocked");
  EXPECT_EQ(sign_in("198.51.100.21", victim.email, kPassword).status, 200);
  EXPECT_TRUE(soon([&] { return has_alert("BRUTE_FORCE_DETECTED", attacker + "/32"); }));
}

TEST_F(Detection, AdministratorsBlockAndLift) {
  const std::string address = "203.0.113.40";
  const auto add = [&](const std::string& body) {
    return client_.post(kBlocks, body, bearer(admin().token));
  };
  const Answer made =
      add(R"({"cidr":"203.0.113.40/31","reason":"scraper","expires_in":60,"scope":"all"})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.text("/cidr"), "203.0.113.40/31");
  EXPECT_EQ(client_.get("/api/v1/events", from(address)).status, 403);
  EXPECT_EQ(client_.get("/api/v1/me", from(address, bearer(admin().token))).status, 403);
  EXPECT_EQ(client_.get("/api/v1/nowhere", from(address)).status, 403);
  EXPECT_EQ(client_.get("/api/v1/health/live", from(address)).status, 200);
  EXPECT_THAT(ask(kBlocks).body, HasSubstr(made.text("/id")));
  const std::string target = std::string(kBlocks) + "/" + made.text("/id");
  EXPECT_EQ(client_.send("DELETE", target, "", bearer(admin().token)).status, 204);
  EXPECT_EQ(client_.send("DELETE", target, "", bearer(admin().token)).status, 404);
  EXPECT_EQ(client_.get("/api/v1/events", from(address)).status, 200);

  for (const char* wrong :
       {R"({"reason":"x","expires_in":60})", R"({"cidr":"0.0.0.0/0","reason":"x","expires_in":60})",
        R"({"address":"127.0.0.1","reason":"x","expires_in":60})",
        R"({"address":"1.2.3.4/8","reason":"x","expires_in":60})",
        R"({"address":"1.2.3.4","cidr":"1.2.3.4/32","reason":"x","expires_in":60})",
        R"({"address":"1.2.3.4","reason":"x","expires_in":0})",
        R"({"address":"1.2.3.4","reason":"x","expires_in":60,"scope":"some"})"}) {
    EXPECT_EQ(add(wrong).status, 400) << wrong;
  }
}

TEST_F(Detection, ABlockIsMadeOnceAKey) {
  const auto add = [&](const std::string& reason) {
    Headers headers = bearer(admin().token);
    headers.emplace_back("Idempotency-Key", "block-41");
    return client_.post(
        kBlocks,
        R"({"cidr":"203.0.113.41/32","reason":")" + reason + R"(","expires_in":60,"scope":"all"})",
        headers);
  };
  const Answer made = add("scraper");
  const Answer again = add("scraper");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, made.body);
  EXPECT_EQ(again.header("idempotent-replayed"), "true");
  const Answer other = add("another");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.text("/code"), "idempotency_mismatch");

  // One block: lifting it lets the network in.
  const std::string target = std::string(kBlocks) + "/" + made.text("/id");
  EXPECT_EQ(client_.get("/api/v1/events", from("203.0.113.41")).status, 403);
  EXPECT_EQ(client_.send("DELETE", target, "", bearer(admin().token)).status, 204);
  EXPECT_EQ(client_.get("/api/v1/events", from("203.0.113.41")).status, 200);
}

TEST_F(Detection, ATouchedDecoyIsAnsweredLikeNothingAndReported) {
  const std::string decoy = "/api/v1/admin/backup";
  const Answer touched = client_.get(decoy, from("203.0.113.50"));
  const Answer nothing = client_.get("/api/v1/admin/nowhere", from("203.0.113.50"));
  EXPECT_EQ(touched.status, nothing.status);
  EXPECT_EQ(touched.text("/code"), nothing.text("/code"));
  EXPECT_EQ(touched.body.size(), nothing.body.size());
  EXPECT_TRUE(soon([&] { return has_alert("HONEYTOKEN_TOUCHED", decoy); }));
}

TEST_F(Detection, TheDecoyKeyIsAnsweredLikeAnyTokenAndReported) {
  const auto doctor = run_evently({"doctor", "--data-dir", server().data_dir() / "data"});
  const std::size_t at = doctor.output.find("evk_");
  ASSERT_NE(at, std::string::npos) << doctor.output;
  const std::string key = doctor.output.substr(at, doctor.output.find('\n', at) - at);
  const Answer touched = client_.get("/api/v1/me", from("203.0.113.51", bearer(key)));
  const Answer other = client_.get("/api/v1/me", from("203.0.113.51", bearer("evk_00")));
  EXPECT_EQ(touched.status, 401);
  EXPECT_EQ(touched.text("/code"), other.text("/code"));
  EXPECT_EQ(touched.body.size(), other.body.size());
  EXPECT_TRUE(soon([&] { return has_alert("HONEYTOKEN_TOUCHED", "api_key"); }));
  const std::int64_t before = total("suspicious_request");
  const Answer as_key = client_.get("/api/v1/me", from("203.0.113.52", {{"X-API-Key", key}}));
  EXPECT_EQ(as_key.status, 401);
  EXPECT_EQ(as_key.body.size(), other.body.size());
  EXPECT_TRUE(soon([&] { return total("suspicious_request") > before; }));
}

TEST_F(Detection, IdsTriedInARowAndAFloodAreReported) {
  for (int i = 0; i < 30; ++i) {
    const std::string id = "01930c3e-7a10-7c3a-9a53-3f1c2b6d8e" + std::to_string(10 + i);
    EXPECT_EQ(client_.get("/api/v1/events/" + id, from("203.0.113.60")).status, 404);
  }
  EXPECT_TRUE(soon([&] { return has_alert("ID_ENUMERATION", "203.0.113.60/32"); }));
  // Twice as many, as the minute of the meter may end in between.
  for (int i = 0; i < 2000; ++i) client_.get("/api/v1/health/nothing", from("203.0.113.61"));
  EXPECT_TRUE(soon([&] { return has_alert("POSSIBLE_DDOS", "203.0.113.61/32"); }));
}

TEST_F(Detection, TotalsNeverGoBackThroughKillNine) {
  std::int64_t before = total("permission_denied");
  const Person person = register_person(client_);
  for (int round = 1; round <= 2; ++round) {
    for (int i = 0; i < 10; ++i) {
      EXPECT_EQ(client_.get("/api/v1/users", bearer(person.token)).status, 403);
    }
    ASSERT_TRUE(soon([&] { return total("permission_denied") >= before + 10; }));
    before = total("permission_denied");
    server().kill_hard();
    server().start();
    client_ = server().client();
    EXPECT_GE(total("permission_denied"), before);
  }
  EXPECT_THAT(ask("/api/v1/security/events?type=permission_denied").body, HasSubstr("\"count\""));
}

/// What scripts/bench compares with. Blocks by hand hold all the same.
TEST(DetectionOff, ObservesNothingAndKeepsTheBlocksOfAdministrators) {
  ServerProcess server({"--detection", "off", "--behind-proxy", "127.0.0.0/8"});
  const Person admin = make_administrator(server);
  HttpClient client = server.client();
  const std::string guess = R"({"email":")" + admin.email + R"(","password":"wrong horse"})";
  for (int i = 0; i < 6; ++i) EXPECT_EQ(client.post("/api/v1/auth/token", guess).status, 401);
  EXPECT_EQ(client.get("/api/v1/internal/config").status, 404);
  const Answer made = client.post(
      kBlocks, R"({"cidr":"203.0.113.80/32","reason":"scraper","expires_in":60,"scope":"all"})",
      bearer(admin.token));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(client.get("/api/v1/events", {{"X-Forwarded-For", "203.0.113.80"}}).status, 403);

  HttpClient operations(server.operations_port());
  std::string metrics;
  for (const auto limit = Time::now() + 20s; Time::now() < limit; ::poll(nullptr, 0, 20)) {
    metrics = operations.get("/metrics").body;
    if (metrics.find("evently_address_blocks 1") != std::string::npos) break;
  }
  EXPECT_THAT(metrics, HasSubstr("evently_address_blocks 1"));  // the watch has had its turn
  for (const char* type : {"sign_in_failed", "suspicious_request"}) {
    EXPECT_THAT(metrics, HasSubstr("{type=\"" + std::string(type) + "\"} 0\n"));
  }
}

}  // namespace
}  // namespace evently::testing
