// POST, PATCH and DELETE of events, through the router, as the roles of the program.
#include <gmock/gmock.h>

#include "events/event_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kMeetup[] =
    R"({"name":"O'Reilly ‹C++› & We ❤️ Speed","venue":"Hall","event_date":"2031-05-26T18:00:00+02:00","total_capacity":10,"price":"12.50","description":"**x**"})";

class EventChanges : public EventFixture {
 protected:
  std::int64_t count(const postgres::Statement& statement) {
    return superuser.run(statement)[0].get<std::int64_t>("n");
  }
  std::string seats_of(const std::string& id) {
    const auto event = get("/api/v1/events/" + id, {{"authorization", "admin"}});
    return text(event, "/available_seats") + " of " + text(event, "/total_capacity");
  }
};

TEST_F(EventChanges, CreateAnEventThatReadsBackByteForByte) {
  const auto made = post(kMeetup);
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(header(made, "Location"), "/api/v1/events/" + text(made, "/id"));
  EXPECT_THAT(header(made, "ETag"), StartsWith("\"1-"));

  const auto read = get(header(made, "Location"));
  EXPECT_EQ(read.status, 200);
  EXPECT_EQ(read.content(), made.body);
  EXPECT_EQ(text(read, "/name"), "O'Reilly ‹C++› & We ❤️ Speed");
  EXPECT_EQ(text(read, "/event_date"), "2031-05-26T16:00:00Z");
  EXPECT_EQ(text(read, "/price"), "12.50");
  EXPECT_EQ(text(read, "/description_html"), "<p><strong>x</strong></p>\n");
}

TEST_F(EventChanges, ShowInTheNextList) {
  EXPECT_EQ(names(get("/api/v1/events?limit=20")), std::vector<std::string>{});
  const std::string id = given_event("First");
  EXPECT_EQ(names(get("/api/v1/events?limit=20")), std::vector<std::string>{"First"});
  patch(id, R"({"name":"Second"})", "\"1\"");
  EXPECT_EQ(names(get("/api/v1/events?limit=20")), std::vector<std::string>{"Second"});
  remove(id);
  EXPECT_EQ(names(get("/api/v1/events?limit=20")), std::vector<std::string>{});
}

TEST_F(EventChanges, NeedThePermission) {
  EXPECT_EQ(post(kMeetup, {}).status, 401);
  // The door of this test lets everybody through: the database refuses by itself.
  EXPECT_THROW(post(kMeetup, {{"authorization", "person"}}), std::exception);
  EXPECT_EQ(count({"test.events", "SELECT count(*) AS n FROM core.events"}), 0);
}

TEST_F(EventChanges, LeaveAuditRows) {
  const std::string id = given_event("Audited");
  patch(id, R"({"total_capacity":12})", "\"1\"");
  remove(id);
  const auto rows = superuser.run({"test.audit",
                                   "SELECT action, actor::text AS actor, request_id FROM aud.event "
                                   "WHERE action LIKE 'core.event%' ORDER BY id"});
  std::vector<std::string> actions;
  for (int i = 0; i < rows.size(); ++i) {
    actions.push_back(rows[i].get<std::string>("action"));
    EXPECT_EQ(rows[i].get<std::string>("actor"), kAdmin);
    EXPECT_EQ(rows[i].get<std::string>("request_id"), "request-of-test");
  }
  EXPECT_THAT(actions,
              ::testing::UnorderedElementsAre("core.events.insert", "core.event_inventory.insert",
                                              "core.events.update", "core.event_inventory.update",
                                              "core.events.delete", "core.event_inventory.delete"));
}

TEST_F(EventChanges, ShowAPastEventAsCompleted) {
  const auto made = post(
      R"({"name":"Old","venue":"Hall","event_date":"2020-01-01T00:00:00Z","total_capacity":1})");
  EXPECT_EQ(text(made, "/status"), "completed");
  EXPECT_EQ(get(header(made, "Location")).content(), made.body);
}

TEST_F(EventChanges, HideDraftsFromThePublic) {
  const std::string id = given_event("Secret", R"("status":"draft")");
  EXPECT_EQ(get("/api/v1/events/" + id).status, 404);
  EXPECT_EQ(get("/api/v1/events/" + id, {{"authorization", "person"}}).status, 404);
  EXPECT_EQ(get("/api/v1/events/" + id, {{"authorization", "admin"}}).status, 200);
  EXPECT_EQ(patch(id, R"({"status":"active"})", "\"1\"").status, 200);
  EXPECT_EQ(get("/api/v1/events/" + id).status, 200);
}

TEST_F(EventChanges, ReplayTheFirstAnswerUnderAKey) {
  const Headers headers{{"authorization", "admin"}, {"idempotency-key", "k-1"}};
  const auto first = post(kMeetup, headers);
  const auto again = post(kMeetup, headers);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(header(again, "Location"), header(first, "Location"));
  EXPECT_EQ(header(first, "Idempotent-Replayed"), "");
  EXPECT_EQ(header(again, "Idempotent-Replayed"), "true");
  EXPECT_EQ(count({"test.events", "SELECT count(*) AS n FROM core.events"}), 1);
}

TEST_F(EventChanges, RefuseAKeyUsedWithAnotherBody) {
  const Headers headers{{"authorization", "admin"}, {"idempotency-key", "k-1"}};
  post(kMeetup, headers);
  const auto other =
      post(R"({"name":"x","venue":"y","event_date":"2031-01-01T00:00:00Z","total_capacity":1})",
           headers);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(text(other, "/code"), "idempotency_mismatch");
}

TEST_F(EventChanges, CreateOnceHoweverManySendOneKey) {
  std::vector<Task<http::Response>> tasks;
  for (int i = 0; i < 8; ++i) {
    tasks.push_back(
        begin(request(http::Method::Post, "/api/v1/events",
                      {{"authorization", "admin"}, {"idempotency-key", "k-2"}}, kMeetup)));
  }
  const auto answers = run_together(io, std::move(tasks));
  for (const auto& answer : answers) EXPECT_EQ(answer.body, answers[0].body);
  EXPECT_EQ(count({"test.events", "SELECT count(*) AS n FROM core.events"}), 1);
}

TEST_F(EventChanges, AskForTheVersionThatIsChanged) {
  const std::string id = given_event("Versioned");
  EXPECT_EQ(patch(id, R"({"name":"x"})", "").status, 428);

  const auto changed = patch(id, R"({"name":"x"})", "\"1\"");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(text(changed, "/version"), "2");
  EXPECT_EQ(text(changed, "/venue"), "Hall");

  const auto stale = patch(id, R"({"name":"y"})", "\"1\"");
  EXPECT_EQ(stale.status, 412);
  EXPECT_EQ(text(stale, "/code"), "version_mismatch");
  EXPECT_EQ(text(stale, "/version"), "2");
  EXPECT_EQ(patch(id, R"({"name":"y"})", "\"nonsense\"").status, 412);
  EXPECT_EQ(patch(id, R"({"name":"y"})", "*").status, 200);
}

TEST_F(EventChanges, TakeTheETagOfAnyReadAsTheVersion) {
  const std::string id = given_event("Tagged");
  const std::string shown_tag = header(get("/api/v1/events/" + id), "ETag");
  EXPECT_EQ(patch(id, R"({"name":"x"})", shown_tag).status, 200);
  const auto edited_page = get("/api/v1/events/" + id, {{"authorization", "admin"}});
  EXPECT_EQ(patch(id, R"({"name":"y"})", "W/" + header(edited_page, "ETag")).status, 200);
}

TEST_F(EventChanges, LetOneOfTwoEditorsWin) {
  const std::string id = given_event("Contested");
  std::vector<Task<http::Response>> tasks;
  for (int i = 0; i < 6; ++i) {
    tasks.push_back(begin(request(http::Method::Patch, "/api/v1/events/" + id,
                                  {{"authorization", "admin"}, {"if-match", "\"1\""}},
                                  R"({"name":"E)" + std::to_string(i) + "\"}")));
  }
  int won = 0;
  for (const auto& answer : run_together(io, std::move(tasks))) {
    won += answer.status == 200 ? 1 : 0;
    EXPECT_TRUE(answer.status == 200 || answer.status == 412) << answer.body;
  }
  EXPECT_EQ(won, 1);
}

TEST_F(EventChanges, MoveFreeSeatsWithTheCapacity) {
  const std::string id = given_event("Seats");
  given_booking(id, 4);
  EXPECT_EQ(seats_of(id), "6 of 10");
  patch(id, R"({"total_capacity":15})", "\"1\"");
  EXPECT_EQ(seats_of(id), "11 of 15");
  patch(id, R"({"total_capacity":4})", "\"2\"");
  EXPECT_EQ(seats_of(id), "0 of 4");
}

TEST_F(EventChanges, KeepTheSeatsThatAreBooked) {
  const std::string id = given_event("Seats");
  given_booking(id, 4);
  const auto refused = patch(id, R"({"total_capacity":3,"name":"x"})", "\"1\"");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(text(refused, "/code"), "capacity_below_booked");
  EXPECT_EQ(text(refused, "/booked"), "4");
  EXPECT_EQ(seats_of(id), "6 of 10");
  EXPECT_EQ(text(get("/api/v1/events/" + id), "/name"), "Seats");
}

TEST_F(EventChanges, KeepAnEventOpenThatIsMovedFromThePast) {
  const auto made = post(
      R"({"name":"Old","venue":"Hall","event_date":"2020-01-01T00:00:00Z","total_capacity":1})");
  const auto moved = patch(text(made, "/id"), R"({"event_date":"2031-01-01T00:00:00Z"})", "\"1\"");
  EXPECT_EQ(text(moved, "/status"), "active");
}

TEST_F(EventChanges, DeleteAnEventNobodyBooked) {
  const std::string id = given_event("Gone");
  EXPECT_EQ(remove(id).status, 204);
  EXPECT_EQ(get("/api/v1/events/" + id).status, 404);
  EXPECT_EQ(remove(id).status, 404);
}

TEST_F(EventChanges, CancelInsteadOfDeletingWhatPeopleBooked) {
  const std::string id = given_event("Cancelled");
  given_booking(id, 3);
  const auto answer = remove(id);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(text(answer, "/status"), "cancelled");
  EXPECT_EQ(text(answer, "/available_seats"), "10");
  EXPECT_EQ(text(get("/api/v1/events/" + id), "/status"), "cancelled");
  EXPECT_EQ(
      count({"test.live", "SELECT count(*) AS n FROM core.bookings WHERE status = 'confirmed'"}),
      0);
  EXPECT_EQ(remove(id).status, 200);
}

TEST_F(EventChanges, AnswerNotFoundForWhatIsNoEvent) {
  for (const std::string id : {"00000000-0000-7000-8000-000000000001", "not-an-id"}) {
    EXPECT_EQ(get("/api/v1/events/" + id).status, 404) << id;
    EXPECT_EQ(patch(id, R"({"name":"x"})", "\"1\"").status, 404) << id;
    EXPECT_EQ(remove(id).status, 404) << id;
  }
}

}  // namespace
}  // namespace evently::testing
