// GET /events: order, pages, filters and search, from memory and from the database.
#include <gmock/gmock.h>

#include <algorithm>
#include <set>

#include "events/event_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Names = std::vector<std::string>;

class EventList : public EventFixture {
 protected:
  /// 47 open events on five days, three names: ties everywhere.
  void given_ties() {
    arrange(
        "INSERT INTO core.events (id, name, venue, event_date, topic) SELECT gen_random_uuid(), "
        "'Name ' || n % 3, 'Hall',"
        " date_trunc('day', now()) + interval '10 days' + n % 5 * interval '1 day', 't' || n % 2 "
        "FROM generate_series(1, 47) n;"
        "INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, 5, 5 FROM "
        "core.events");
    refresh();
  }

  /// Follows Link to the end; the ids in order.
  Names walk(std::string target, Headers headers = {}) {
    Names ids;
    for (int pages = 0; !target.empty() && pages < 100; ++pages) {
      const auto page = get(target, headers);
      EXPECT_EQ(page.status, 200) << page.content();
      const auto document = boost::json::parse(page.content());
      for (const auto& item : document.at("items").as_array())
        ids.emplace_back(item.at("id").as_string());
      const std::string link = header(page, "Link");
      EXPECT_EQ(link.empty(), document.at("next_cursor").is_null());
      target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    return ids;
  }

  Names found(const std::string& query) {
    const auto page = get("/api/v1/events?" + query);
    EXPECT_EQ(page.status, 200) << page.content();
    return names(page);
  }
};

TEST_F(EventList, GivesEveryEventOnceUnderTies) {
  given_ties();
  for (const std::string query :
       {"limit=7", "limit=7&sort=-event_date", "limit=7&sort=name",
        "limit=7&sort=event_date&q=name", "limit=1", "limit=47", "limit=46", "limit=100"}) {
    const Names ids = walk("/api/v1/events?" + query);
    EXPECT_EQ(ids.size(), 47U) << query;
    EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 47U) << query;
  }
}

TEST_F(EventList, IsTheSameFromMemoryAndFromTheDatabase) {
  given_ties();
  EXPECT_EQ(walk("/api/v1/events?limit=9"),
            walk("/api/v1/events?limit=9", {{"authorization", "admin"}}));
}

TEST_F(EventList, RunsBackwardsByTheOtherSort) {
  given_ties();
  Names backwards = walk("/api/v1/events?limit=10&sort=-event_date");
  std::reverse(backwards.begin(), backwards.end());
  EXPECT_EQ(backwards, walk("/api/v1/events?limit=10"));
}

TEST_F(EventList, SkipsNothingWhenEventsAppearBetweenPages) {
  given_ties();
  const auto first = get("/api/v1/events?limit=20");
  given_event("Newcomer", "", "2030-01-01T00:00:00Z");
  const std::string link = header(first, "Link");
  EXPECT_EQ(walk(link.substr(1, link.find('>') - 1)).size(), 28U);
}

TEST_F(EventList, HoldsOnlyOpenEventsForThePublic) {
  given_event("Open");
  given_event("Draft", R"("status":"draft")");
  given_event("Over", "", "2020-01-01T00:00:00Z");
  const std::string cancelled = given_event("Off");
  given_booking(cancelled, 1);
  remove(cancelled);
  EXPECT_THAT(found("limit=20"), ElementsAre("Open"));
  EXPECT_THAT(found("sort=name"), ElementsAre("Open"));
  EXPECT_EQ(get("/api/v1/events?status=all").status, 400);
  EXPECT_EQ(get("/api/v1/events?status=all", {{"authorization", "person"}}).status, 400);
}

TEST_F(EventList, OpensEveryStatusToEditors) {
  given_event("Open");
  given_event("Draft", R"("status":"draft")");
  given_event("Over", "", "2020-01-01T00:00:00Z");
  const auto listed = [&](const std::string& status) {
    return names(get("/api/v1/events?sort=name&status=" + status, {{"authorization", "admin"}}));
  };
  EXPECT_THAT(listed("all"), ElementsAre("Draft", "Open", "Over"));
  EXPECT_THAT(listed("draft"), ElementsAre("Draft"));
  EXPECT_THAT(listed("completed"), ElementsAre("Over"));
}

TEST_F(EventList, FiltersByPlaceTopicAndTime) {
  given_event("A", R"("city":"Zürich","topic":"cpp")", "2031-01-01T00:00:00Z");
  given_event("B", R"("city":"Bonn","topic":"cpp")", "2031-02-01T00:00:00Z");
  given_event("C", R"("topic":"rust")", "2031-03-01T00:00:00Z");
  EXPECT_THAT(found("city=Z%C3%BCrich"), ElementsAre("A"));
  EXPECT_THAT(found("city=Z%C3%9CRICH"), ElementsAre("A"));
  EXPECT_THAT(found("topic=cpp"), ElementsAre("A", "B"));
  EXPECT_THAT(found("topic=cpp&city=bonn"), ElementsAre("B"));
  EXPECT_THAT(found("from=2031-02-01"), ElementsAre("B", "C"));
  EXPECT_THAT(found("to=2031-01-31"), ElementsAre("A"));
  EXPECT_THAT(found("to=2031-02-01"), ElementsAre("A", "B")) << "a date is a whole day";
  EXPECT_THAT(found("to=2031-02-01T00:00:00Z"), ElementsAre("A")) << "a time is exclusive";
  EXPECT_THAT(found("from=2031-01-15T00:00:00Z&to=2031-02-15T00:00:00Z"), ElementsAre("B"));
}

TEST_F(EventList, LeavesOutWhatIsSoldOutWhenAsked) {
  given_event("Free");
  given_booking(given_event("Full"), 10);
  EXPECT_THAT(found("available=true"), ElementsAre("Free"));
  EXPECT_THAT(found("available=false"), UnorderedElementsAre("Free", "Full"));
}

TEST_F(EventList, FindsEventsThatHoldAllWords) {
  given_event("C++ Evening", R"("city":"Zürich","country":"Switzerland","topic":"programming")");
  given_event("Rust Evening", R"("city":"Bern")");
  EXPECT_THAT(found("q=evening"), UnorderedElementsAre("C++ Evening", "Rust Evening"));
  EXPECT_THAT(found("q=EVENING+c%2B%2B"), ElementsAre("C++ Evening"));
  EXPECT_THAT(found("q=evening+z%C3%9Crich"), ElementsAre("C++ Evening"));
  EXPECT_THAT(found("q=hall+switz"), ElementsAre("C++ Evening"));
  EXPECT_THAT(found("q=evening+paris"), IsEmpty());
}

TEST_F(EventList, ReadsLikeCharactersAsText) {
  given_event("100% Free");
  given_event("snake_case");
  given_event("back\\\\slash");
  given_event("plain");
  EXPECT_THAT(found("q=%25"), ElementsAre("100% Free"));
  EXPECT_THAT(found("q=_"), ElementsAre("snake_case"));
  EXPECT_THAT(found("q=%5C"), ElementsAre("back\\slash"));
  EXPECT_THAT(found("q=%22%2C%7B%7D"), IsEmpty());
  EXPECT_THAT(found("q=%27%3B+DROP+TABLE+core.events%3B--"), IsEmpty());
}

TEST_F(EventList, CarriesAnETagThatSavesTheBody) {
  given_event("Tagged");
  for (const std::string target : {"/api/v1/events?limit=20", "/api/v1/events?q=tagged"}) {
    const auto page = get(target);
    const auto again = get(target, {{"if-none-match", header(page, "ETag")}});
    EXPECT_EQ(again.status, 304) << target;
    EXPECT_THAT(again.content(), IsEmpty());
    EXPECT_EQ(header(page, "Cache-Control"), "public, max-age=1");
  }
}

TEST_F(EventList, IsCompressedForWhoAcceptsIt) {
  given_ties();
  const auto page = get("/api/v1/events", {{"accept-encoding", "gzip"}});
  EXPECT_EQ(header(page, "Content-Encoding"), "gzip");
  EXPECT_LT(page.content().size(), get("/api/v1/events").content().size() / 3);
}

TEST_F(EventList, AsksTheDatabaseOnceForAllWhoWantTheSame) {
  given_ties();
  std::vector<Task<http::Response>> tasks;
  for (int i = 0; i < 20; ++i) {
    tasks.push_back(begin(request(http::Method::Get, "/api/v1/events?sort=name", {}, "")));
  }
  const auto answers = run_together(io, std::move(tasks));
  for (const auto& answer : answers) EXPECT_EQ(answer.shared_body, answers[0].shared_body);
}

}  // namespace
}  // namespace evently::testing
