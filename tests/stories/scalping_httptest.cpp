// Requirement E7: nobody gets more seats than an event gives a person, and a network that makes
// accounts by the hundred is slowed without harm to those who have theirs.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "base/uuid.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/external_cluster.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

constexpr int kThreads = 5;

ServerProcess& server() {
  static ServerProcess process({"--behind-proxy", "127.0.0.0/8", "--limit", "booking=off"},
                               RateLimits::AsGiven);
  return process;
}

std::string wish_for(const std::string& event_id) {
  return R"({"event_id":")" + event_id + R"(","quantity":1})";
}

/// `act` with the numbers 0 to `count` - 1, from several connections at once.
void in_parallel(int count, const std::function<void(HttpClient&, int)>& act) {
  std::atomic<int> next{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      HttpClient client = server().client();
      for (int n = next++; n < count; n = next++) act(client, n);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Scalping, FiftyBuysAtOnceStayWithinThePersonsLimit) {
  HttpClient client = server().client();
  const Person admin = make_administrator(server());
  const std::string event_id = create_event(client, admin, 200);
  const Person buyer = register_person(client);

  std::atomic<int> bought{0};
  std::atomic<int> refused{0};
  in_parallel(50, [&](HttpClient& mine, int) {
    const Answer answer = mine.post("/api/v1/bookings", wish_for(event_id), bearer(buyer.token));
    bought += answer.status == 201 ? 1 : 0;
    refused += answer.status == 409 && answer.text("/code") == "purchase_limit" ? 1 : 0;
  });
  EXPECT_EQ(bought, 10);
  EXPECT_EQ(refused, 40);
}

TEST(Scalping, AHundredFreshAccountsOfOneNetworkAreSlowedAndNobodyElse) {
  HttpClient client = server().client();
  const Person admin = make_administrator(server());
  const std::string event_id = create_event(client, admin, 200);
  const Person established = register_person(client);
  const auto at = [](int host, Headers more) {
    more.emplace_back("X-Forwarded-For", "2001:db8:e7:1::" + std::to_string(1 + host));
    return more;
  };

  std::atomic<int> made{0};
  std::atomic<int> slowed{0};
  in_parallel(100, [&](HttpClient& mine, int i) {
    const std::string body = R"({"email":"scalper)" + std::to_string(i) +
                             R"(@example.org","name":"S","password":"correct horse battery"})";
    const Answer answer = mine.post("/api/v1/auth/register", body, at(i, {}));
    made += answer.status == 201 ? 1 : 0;
    const bool by_tier = answer.status == 429 && answer.text("/tier") == "register";
    slowed += by_tier && answer.header("retry-after") != "" ? 1 : 0;
  });
  EXPECT_LE(made, 40);  // 30 at once, then one a minute
  EXPECT_EQ(made + slowed, 100);

  // Who has an account books from that very network; who comes from another one registers.
  EXPECT_EQ(
      client.post("/api/v1/bookings", wish_for(event_id), at(7, bearer(established.token))).status,
      201);
  register_person(client);
}

/// As if the account had been made two days ago: its id tells that.
void age(const ExternalCluster& cluster, Person& person) {
  Uuid id = *parse_uuid(person.id);
  constexpr std::int64_t kTwoDays = 2 * 86'400'000;
  std::int64_t ms = made_at(id)->time_since_epoch().count() / 1000 - kTwoDays;
  for (std::size_t i = 6; i-- > 0; ms >>= 8) id.bytes[i] = static_cast<std::uint8_t>(ms);
  const std::string renamed = " = '" + to_string(id) + "' WHERE ";
  const std::string was = " = '" + person.id + "';";
  postgres::SyncConnection superuser(cluster.superuser_url());
  superuser.script("test.age",
                   "SET session_replication_role = replica;"
                   "UPDATE core.users SET id" +
                       renamed + "id" + was + "UPDATE sec.credentials SET user_id" + renamed +
                       "user_id" + was + "UPDATE sec.sessions SET user_id" + renamed + "user_id" +
                       was);
  person.id = to_string(id);
}

TEST(Scalping, ANetworksNewAccountsShareTheirBookingsForADay) {
  const ExternalCluster cluster;
  ServerProcess own({"--database-url", cluster.superuser_url(), "--behind-proxy", "127.0.0.0/8",
                     "--limit", "register=off", "--limit", "booking-new=60/3600"},
                    RateLimits::AsGiven);
  HttpClient client = own.client();
  const std::string event_id = create_event(client, make_administrator(own), 200);
  const auto book = [&](const std::string& token, const std::string& network) {
    Headers headers = bearer(token);
    headers.emplace_back("X-Forwarded-For", network + "::7");
    return client.post("/api/v1/bookings", wish_for(event_id), headers);
  };
  Person established = register_person(client);
  age(cluster, established);
  const Answer signed_in =
      client.post("/api/v1/auth/token",
                  R"({"email":")" + established.email + R"(","password":"correct horse battery"})");
  established.token = signed_in.text("/access_token");

  int bought = 0;
  std::string slowed;  // the token of one who was
  for (int i = 0; i < 24; ++i) {
    const std::string token = register_person(client).token;
    const Answer answer = book(token, "2001:db8:e7:2");
    bought += answer.status == 201 ? 1 : 0;
    if (answer.status == 201) continue;
    EXPECT_EQ(answer.status, 429) << answer.body;
    EXPECT_EQ(answer.text("/tier"), "booking-new");
    EXPECT_NE(answer.header("retry-after"), "");
    slowed = token;
  }
  EXPECT_GE(bought, 20);  // at once
  EXPECT_LE(bought, 22);  // and one in 90 s
  EXPECT_EQ(book(established.token, "2001:db8:e7:2").status, 201);
  EXPECT_EQ(book(slowed, "2001:db8:e8:1").status, 201) << "from a network of its own";
}

}  // namespace
}  // namespace evently::testing
