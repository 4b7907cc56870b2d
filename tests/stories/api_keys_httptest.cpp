// A till books by key, within its scopes, until the key is revoked.
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "support/eventually.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

struct MadeKey {
  std::string id;
  Headers headers;
};

MadeKey make_key(HttpClient& client, const Person& owner, const std::string& scopes) {
  const Answer made = client.post("/api/v1/api-keys", R"({"name":"till","scopes":)" + scopes + "}",
                                  bearer(owner.token));
  EXPECT_EQ(made.status, 201) << made.body;
  return {made.text("/id"), {{"X-API-Key", made.text("/key")}}};
}

std::string wish(const std::string& event, const std::string& user = "") {
  return R"({"event_id":")" + event + R"(","quantity":1)" +
         (user.empty() ? "" : R"(,"user_id":")" + user + '"') + "}";
}

TEST(ApiKeyStory, BooksWithinItsScopesUntilItIsRevoked) {
  ServerProcess& server = ServerProcess::shared();
  HttpClient client = server.client();
  const Person administrator = make_administrator(server);
  const Person ada = register_person(client);
  const std::string event = create_event(client, administrator, 10);
  const MadeKey till = make_key(client, ada, R"(["booking:create","booking:read:own"])");

  const Answer booked = client.post("/api/v1/bookings", wish(event), till.headers);
  ASSERT_EQ(booked.status, 201) << booked.body;
  EXPECT_EQ(booked.text("/user_id"), ada.id);
  const std::string booking = "/api/v1/bookings/" + booked.text("/id");
  EXPECT_EQ(client.get(booking, till.headers).status, 200);
  const Answer cancelled = client.post(booking + "/cancel", "{}", till.headers);
  EXPECT_EQ(cancelled.status, 403);
  EXPECT_EQ(cancelled.text("/required"), "booking:cancel:own");

  // Decided inside core.book, for this route asks nothing at the door.
  const MadeKey reader = make_key(client, ada, R"(["booking:read:own"])");
  const Answer refused = client.post("/api/v1/bookings", wish(event), reader.headers);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("/required"), "booking:create");
  EXPECT_EQ(refused.text("/user_role"), "user");
  const MadeKey counter = make_key(client, administrator, R"(["booking:create"])");
  const Answer for_others = client.post("/api/v1/bookings", wish(event, ada.id), counter.headers);
  EXPECT_EQ(for_others.status, 403);
  EXPECT_EQ(for_others.text("/required"), "booking:cancel:any");
  EXPECT_EQ(for_others.text("/user_role"), "admin");

  const auto calls = [&] {
    return client.get("/api/v1/api-keys", bearer(ada.token)).text("/items/1/calls");
  };
  ASSERT_TRUE(eventually([&] { return calls() == "2"; }, std::chrono::seconds(30)))
      << "calls are written every ten seconds";

  // Every line so far, refusals among them, tells of keys without showing one.
  const std::string log = server.output();
  EXPECT_NE(log.find("/api/v1/api-keys"), std::string::npos);
  EXPECT_EQ(log.find("evk_"), std::string::npos);
  for (const auto& key : {till, reader, counter}) {
    EXPECT_EQ(log.find(key.headers[0].second.substr(42, 64)), std::string::npos);
  }

  const Answer gone = client.send("DELETE", "/api/v1/api-keys/" + till.id, "", bearer(ada.token));
  EXPECT_EQ(gone.status, 204);
  EXPECT_EQ(client.post("/api/v1/bookings", wish(event), till.headers).status, 401);
  EXPECT_EQ(client.get(booking, till.headers).status, 401);
}

TEST(ApiKeyStory, EachKeyHasALimitOfItsOwn) {
  ServerProcess server({"--limit", "api-key=40/600", "--limit", "read=off"}, RateLimits::AsGiven);
  HttpClient client = server.client();
  const Person ada = register_person(client);
  const MadeKey one = make_key(client, ada, R"(["booking:read:own"])");
  const MadeKey other = make_key(client, ada, R"(["booking:read:own"])");
  constexpr char kList[] = "/api/v1/bookings";
  for (int i = 0; i < 4; ++i) {  // a tenth of the count at once
    const Answer granted = client.get(kList, one.headers);
    EXPECT_EQ(granted.status, 200);
    EXPECT_NE(granted.header("ratelimit-policy").find("api-key"), std::string::npos);
  }
  const Answer over = client.get(kList, one.headers);
  EXPECT_EQ(over.status, 429);
  EXPECT_EQ(over.text("/tier"), "api-key");
  EXPECT_GE(std::stoi(over.header("retry-after")), 1);
  EXPECT_EQ(client.get(kList, other.headers).status, 200);
  EXPECT_EQ(client.get(kList, bearer(ada.token)).status, 200);
}

/// Workers share no memory of keys, as nodes do not: all ask the same row.
TEST(ApiKeyStory, IsRevokedForEveryWorkerAtOnce) {
  ServerProcess server({"--workers", "4"});
  HttpClient client = server.client();
  const Person ada = register_person(client);
  const MadeKey till = make_key(client, ada, R"(["booking:read:own"])");
  std::vector<HttpClient> others;
  for (int i = 0; i < 16; ++i) others.push_back(server.client());
  for (HttpClient& other : others) {
    EXPECT_EQ(other.get("/api/v1/bookings", till.headers).status, 200);
  }
  const Answer gone = client.send("DELETE", "/api/v1/api-keys/" + till.id, "", bearer(ada.token));
  EXPECT_EQ(gone.status, 204);
  for (HttpClient& other : others) {
    EXPECT_EQ(other.get("/api/v1/bookings", till.headers).status, 401);
  }
}

}  // namespace
}  // namespace evently::testing
