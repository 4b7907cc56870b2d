// --sample-events: somebody who tries the program finds something to book, today and next year.
#include <gtest/gtest.h>

#include "support/scratch_folder.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

std::string first_event(const ServerProcess& server) {
  return server.client().get("/api/v1/events?limit=1").text("/items/0/name");
}

TEST(SampleEvents, ComeAgainWhenAllAreOver) {
  const ScratchFolder folder;
  const auto file = folder / "samples.ndjson";
  write_text(file, R"({"name":"Over","startDate":"2020-01-01"})");
  ServerProcess server({"--sample-events", file});
  EXPECT_EQ(first_event(server), "");
  EXPECT_EQ(server.stop(), 0);

  write_text(file, R"({"name":"Ahead","inDays":3})");
  server.start();
  EXPECT_EQ(first_event(server), "Ahead");
  EXPECT_EQ(server.stop(), 0);

  write_text(file, R"({"name":"Sooner","inDays":1})");
  server.start();
  EXPECT_EQ(first_event(server), "Ahead");  // something is there: nothing is imported
}

TEST(SampleEvents, TheProjectsOwnCanBeBooked) {
  ServerProcess server({"--sample-events", EVENTLY_SOURCE_DIR "/samples/events.ndjson"});
  HttpClient client = server.client();
  const Person ada = register_person(client);
  const std::string id = client.get("/api/v1/events?limit=1").text("/items/0/id");
  const Answer booked = client.post(
      "/api/v1/bookings", R"({"event_id":")" + id + R"(","quantity":2})", bearer(ada.token));
  EXPECT_EQ(booked.status, 201) << booked.body;
}

}  // namespace
}  // namespace evently::testing
