// The journey of the README: browse, register, sign in, book, look, cancel.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/server_process.hpp"

namespace evently::testing {
namespace {

std::string wish(const std::string& event_id, int quantity) {
  return R"({"event_id":")" + event_id + R"(","quantity":)" + std::to_string(quantity) + "}";
}

class FirstBooking : public ::testing::Test {
 protected:
  ServerProcess& server = ServerProcess::shared();
  HttpClient client = server.client();
  Person administrator = make_administrator(server);
  Person person = register_person(client);
};

TEST_F(FirstBooking, IsConfirmedReadListedAndCancelled) {
  const std::string event_id = create_event(client, administrator, 3, "O'Reilly & ‹Friends› ❤️");

  const Answer booked = client.post("/api/v1/bookings", wish(event_id, 2), bearer(person.token));
  ASSERT_EQ(booked.status, 201) << booked.body;
  EXPECT_EQ(booked.text("/status"), "confirmed");
  EXPECT_EQ(booked.text("/user_id"), person.id);
  EXPECT_EQ(booked.text("/quantity"), "2");
  EXPECT_EQ(booked.text("/event/name"), "O'Reilly & ‹Friends› ❤️");
  EXPECT_NE(booked.text("/booking_reference"), "");
  EXPECT_EQ(booked.header("location"), "/api/v1/bookings/" + booked.text("/id"));

  const std::string booking_path = "/api/v1/bookings/" + booked.text("/id");
  EXPECT_EQ(client.get(booking_path, bearer(person.token)).status, 200);
  const Answer mine = client.get("/api/v1/bookings", bearer(person.token));
  EXPECT_EQ(mine.json().at("items").as_array().size(), 1U);

  const Answer cancelled = client.post(booking_path + "/cancel", "{}", bearer(person.token));
  EXPECT_EQ(cancelled.status, 200) << cancelled.body;
  EXPECT_EQ(cancelled.text("/status"), "cancelled");
  const Answer again = client.post(booking_path + "/cancel", "{}", bearer(person.token));
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.body, cancelled.body);
}

TEST_F(FirstBooking, TellsHowManySeatsAreLeftWhenTooFew) {
  const std::string event_id = create_event(client, administrator, 3);
  ASSERT_EQ(client.post("/api/v1/bookings", wish(event_id, 2), bearer(person.token)).status, 201);

  const Answer fewer = client.post("/api/v1/bookings", wish(event_id, 2), bearer(person.token));
  EXPECT_EQ(fewer.status, 409);
  EXPECT_EQ(fewer.text("/code"), "insufficient_seats");
  EXPECT_EQ(fewer.text("/available_seats"), "1");
  ASSERT_EQ(client.post("/api/v1/bookings", wish(event_id, 1), bearer(person.token)).status, 201);

  const Answer none = client.post("/api/v1/bookings", wish(event_id, 1), bearer(person.token));
  EXPECT_EQ(none.status, 409);
  EXPECT_EQ(none.text("/code"), "sold_out");
  EXPECT_EQ(none.text("/available_seats"), "0");
  EXPECT_EQ(none.text("/waitlist_url"), "/api/v1/events/" + event_id + "/waitlist");
}

TEST_F(FirstBooking, IsMadeOnceHoweverOftenTheKeyIsSent) {
  const std::string event_id = create_event(client, administrator, 10);
  Headers headers = bearer(person.token);
  headers.emplace_back("Idempotency-Key", "order-" + event_id);

  const Answer first = client.post("/api/v1/bookings", wish(event_id, 1), headers);
  const Answer second = client.post("/api/v1/bookings", wish(event_id, 1), headers);
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.header("idempotent-replayed"), "true");

  const Answer other = client.post("/api/v1/bookings", wish(event_id, 2), headers);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(other.text("/code"), "idempotency_mismatch");
}

TEST_F(FirstBooking, IsRefusedInFullWhenTheBodyIsWrong) {
  const Answer refused = client.post(
      "/api/v1/bookings", R"({"event_id":"x","quantity":11,"role":"admin"})", bearer(person.token));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.text("/code"), "validation_failed");
  EXPECT_EQ(refused.text("/error"), refused.text("/title"));
  EXPECT_EQ(refused.json().at("details").as_array().size(), 3U) << refused.body;
  EXPECT_NE(refused.text("/errorId"), "");
}

TEST_F(FirstBooking, CannotBeMadeForSomebodyElse) {
  const std::string event_id = create_event(client, administrator, 10);
  const Person other = register_person(client, "Alan Turing");
  const Answer refused = client.post(
      "/api/v1/bookings",
      R"({"event_id":")" + event_id + R"(","quantity":1,"user_id":")" + other.id + R"("})",
      bearer(person.token));
  EXPECT_EQ(refused.status, 403) << refused.body;
  EXPECT_TRUE(
      client.get("/api/v1/bookings", bearer(other.token)).json().at("items").as_array().empty());
}

TEST_F(FirstBooking, IsInvisibleToOthers) {
  const std::string event_id = create_event(client, administrator, 10);
  const Answer booked = client.post("/api/v1/bookings", wish(event_id, 1), bearer(person.token));
  const Person other = register_person(client, "Alan Turing");
  const std::string path = "/api/v1/bookings/" + booked.text("/id");

  const Answer theirs = client.get(path, bearer(other.token));
  EXPECT_EQ(theirs.status, 404);
  EXPECT_EQ(theirs.text("/code"),
            client.get("/api/v1/bookings/00000000-0000-7000-8000-000000000000", bearer(other.token))
                .text("/code"));
  EXPECT_EQ(client.post(path + "/cancel", "{}", bearer(other.token)).status, 404);
  EXPECT_EQ(client.get(path, bearer(person.token)).text("/status"), "confirmed");
}

TEST_F(FirstBooking, NeedsALiveSession) {
  const std::string event_id = create_event(client, administrator, 10);
  EXPECT_EQ(client.post("/api/v1/bookings", wish(event_id, 1)).status, 401);
  ASSERT_EQ(client.post("/api/v1/auth/logout", "", bearer(person.token)).status, 204);

  const Answer dead = client.post("/api/v1/bookings", wish(event_id, 1), bearer(person.token));
  EXPECT_EQ(dead.status, 401) << dead.body;
  EXPECT_EQ(client.get("/api/v1/bookings", bearer(person.token)).status, 401);
  EXPECT_EQ(client.get("/api/v1/me", bearer(person.token)).status, 401);
}

}  // namespace
}  // namespace evently::testing
