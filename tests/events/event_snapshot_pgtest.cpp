// What the public reads see: fresh, complete, and there when the database is not.
#include <gmock/gmock.h>

#include "events/event_fixture.hpp"
#include "events/event_list_request.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::testing {
namespace {

using ::testing::ElementsAre;

/// A port that nobody listens on: the database is away.
constexpr char kNowhere[] = "host=127.0.0.1 port=1 dbname=evently user=nobody connect_timeout=1";

class EventSnapshotOnline : public EventFixture {
 protected:
  std::shared_ptr<const events::OpenEvent> open_event(const std::string& id) {
    const auto pages = snapshot.pages();
    const auto found = pages->by_id.find(parse_uuid(id).value());
    return found == pages->by_id.end() ? nullptr : found->second;
  }
};

TEST_F(EventSnapshotOnline, IsVeryOldBeforeTheFirstRefresh) {
  EXPECT_GT(snapshot.age(), std::chrono::hours(24 * 365));
  refresh();
  EXPECT_LT(snapshot.age(), std::chrono::seconds(60));
}

TEST_F(EventSnapshotOnline, SeesSeatsGo) {
  const std::string id = given_event("Seats");
  given_booking(id, 4);
  EXPECT_EQ(text(get("/api/v1/events/" + id), "/available_seats"), "10");
  refresh();
  EXPECT_EQ(text(get("/api/v1/events/" + id), "/available_seats"), "6");
  EXPECT_EQ(text(get("/api/v1/events"), "/items/0/available_seats"), "6");
}

TEST_F(EventSnapshotOnline, RendersOnlyWhatChanged) {
  const std::string still = given_event("Still");
  const std::string moved = given_event("Moved");
  const auto before_still = open_event(still);
  const auto before_moved = open_event(moved);
  given_booking(moved, 1);
  refresh();
  EXPECT_EQ(open_event(still), before_still);
  EXPECT_NE(open_event(moved), before_moved);
}

TEST_F(EventSnapshotOnline, KeepsItsGenerationWhileNothingChanges) {
  given_event("Still");
  const auto before = snapshot.pages();
  refresh();
  EXPECT_EQ(snapshot.pages(), before);
  EXPECT_EQ(snapshot.generation(), before->generation);
}

TEST_F(EventSnapshotOnline, DropsAnEventThatIsOver) {
  const std::string id = given_event("Over soon");
  arrange("UPDATE core.events SET event_date = now() - interval '1 second'");
  refresh();
  EXPECT_EQ(open_event(id), nullptr);
  EXPECT_EQ(names(get("/api/v1/events")), std::vector<std::string>{});
  EXPECT_EQ(text(get("/api/v1/events/" + id), "/status"), "completed");
}

TEST_F(EventSnapshotOnline, ServesTheListWithoutAskingTheDatabase) {
  const std::string id = given_event("Shown");
  public_pool.close();
  admin_pool.close();
  for (const std::string target : {"/api/v1/events", "/api/v1/events?limit=20",
                                   "/api/v1/events?limit=77", "/api/v1/events?sort=event_date"}) {
    EXPECT_THAT(names(get(target)), ElementsAre("Shown")) << target;
  }
  EXPECT_EQ(get("/api/v1/events/" + id).status, 200);
  EXPECT_THROW(get("/api/v1/events?sort=name"), postgres::PoolExhausted);
}

TEST_F(EventSnapshotOnline, KeepsTheLastGoodCopyWhenARefreshFails) {
  given_event("Shown");
  postgres::Pool nowhere(io, {"application_public", kNowhere});
  events::EventRepository away(nowhere);
  const auto before = snapshot.pages();
  EXPECT_THROW(run_task(io, snapshot.refresh(away)), postgres::ConnectionLost);
  EXPECT_EQ(snapshot.pages(), before);
  EXPECT_THAT(names(get("/api/v1/events")), ElementsAre("Shown"));
}

TEST_F(EventSnapshotOnline, IsNotShownBeforeItWasEverLoaded) {
  postgres::Pool nowhere(io, {"application_public", kNowhere});
  events::EventRepository away(nowhere);
  events::EventSnapshot empty;
  events::EventService blind(away, edited, empty);
  events::EventRoutes blind_routes(blind, empty, cursors);
  router = std::make_unique<http::Router>(blind_routes.table(), door);
  EXPECT_THROW(get("/api/v1/events"), postgres::ConnectionLost);
}

TEST_F(EventSnapshotOnline, StandsWhenAChangeCannotBeShownAtOnce) {
  postgres::Pool nowhere(io, {"application_public", kNowhere});
  events::EventRepository away(nowhere);
  events::EventService half_blind(away, edited, snapshot);
  events::EventRoutes half_blind_routes(half_blind, snapshot, cursors);
  router = std::make_unique<http::Router>(half_blind_routes.table(), door);
  const std::string id = given_event("Durable");
  refresh();
  EXPECT_NE(open_event(id), nullptr);
}

TEST_F(EventSnapshotOnline, LoadsManyEvents) {
  arrange(
      "INSERT INTO core.events (id, name, venue, event_date) SELECT gen_random_uuid(), 'E' || n, "
      "'Hall', now() + n * interval '1 hour'"
      " FROM generate_series(1, 10050) n;"
      "INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, 5, 5 FROM "
      "core.events");
  refresh();
  EXPECT_EQ(snapshot.pages()->by_date.size(), 10'000U);
  EXPECT_FALSE(snapshot.pages()->complete);
  // Beyond what is kept, pages come from the database.
  const auto* last = &snapshot.pages()->by_date.back()->event;
  http::Request asked = request(http::Method::Get, "/api/v1/events", {}, "");
  const std::string cursor = events::next_cursor(asked, cursors, events::EventQuery(), *last);
  EXPECT_EQ(names(get("/api/v1/events?limit=100&cursor=" + cursor)).size(), 50U);
}

}  // namespace
}  // namespace evently::testing
