#include "events/event_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/problem.hpp"

namespace evently::events {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

constexpr char kLeast[] =
    R"("name":"C++ Meetup","venue":"Hall 1","event_date":"2027-05-26T18:00:00Z","total_capacity":50)";

http::Request body_of(const std::string& json) {
  http::Request request;
  request.headers.emplace_back("content-type", "application/json");
  request.body = json;
  return request;
}

http::Request new_event(const std::string& more) {
  return body_of(std::string("{") + kLeast + (more.empty() ? "" : ",") + more + "}");
}

/// "field code" of every fault; empty when the call is taken.
template <class Call>
std::vector<std::string> faults_of(Call call) {
  std::vector<std::string> faults;
  try {
    call();
  } catch (const http::BadRequest& bad) {
    for (const auto& fault : bad.problem.details) faults.push_back(fault.field + " " + fault.code);
  }
  return faults;
}

std::vector<std::string> faults_of_new(const std::string& more) {
  return faults_of([&] { parse_new_event(new_event(more)); });
}

Event stored(const std::string& status) {
  Event event;
  event.name = "Meetup";
  event.venue = "Hall 1";
  event.event_date = *parse_rfc3339("2027-05-26T18:00:00Z");
  event.capacity = 50;
  event.url = "https://example.org";
  event.status = status;
  return event;
}

TEST(NewEvent, NeedsFourMembersAndDefaultsTheRest) {
  const Event event = parse_new_event(new_event(""));
  EXPECT_EQ(event.name, "C++ Meetup");
  EXPECT_EQ(event.available, 50);
  EXPECT_EQ(event.price.cents, 0);
  EXPECT_EQ(event.currency, "EUR");
  EXPECT_EQ(event.status, "active");
  EXPECT_EQ(event.time_zone, "UTC");
  EXPECT_EQ(event.max_per_user, 10);
  EXPECT_FALSE(event.city);
}

TEST(NewEvent, NamesEveryMissingMember) {
  EXPECT_THAT(faults_of([] { parse_new_event(body_of("{}")); }),
              ElementsAre("name required", "venue required", "event_date required",
                          "total_capacity required"));
}

TEST(NewEvent, NamesEveryFaultAtOnce) {
  EXPECT_THAT(
      faults_of_new(R"("price":"1.234","currency":"eur","url":"javascript:1","time_zone":"Mars/X",)"
                    R"("max_per_user":0,"colour":"red","status":"cancelled")"),
      UnorderedElementsAre("price invalid_amount", "currency unknown_value", "url invalid_url",
                           "time_zone unknown_value", "max_per_user out_of_range",
                           "colour unknown_member", "status unknown_value"));
}

TEST(NewEvent, EndsAfterItBegins) {
  EXPECT_THAT(faults_of_new(R"("ends_at":"2027-05-26T17:59:59Z")"),
              ElementsAre("ends_at out_of_range"));
  EXPECT_THAT(faults_of_new(R"("ends_at":"2027-05-26T18:00:00Z")"), IsEmpty());
}

TEST(NewEvent, SellsBeforeItStopsSelling) {
  EXPECT_THAT(faults_of_new(R"("sale_starts_at":"2027-01-02T00:00:00Z",)"
                            R"("sale_ends_at":"2027-01-02T00:00:00Z")"),
              ElementsAre("sale_ends_at out_of_range"));
}

TEST(NewEvent, TakesATimeZoneByItsName) {
  EXPECT_THAT(faults_of_new(R"("time_zone":"Europe/Zurich")"), IsEmpty());
  for (const char* bad : {"../../../etc/passwd", "/etc/passwd", "europe/zurich", "", "leapseconds",
                          "Europe", "Europe/Zurich "}) {
    EXPECT_FALSE(faults_of_new(R"("time_zone":")" + std::string(bad) + "\"").empty()) << bad;
  }
}

TEST(NewEvent, TakesALongDescriptionWithLines) {
  EXPECT_THAT(faults_of_new(R"("description":")" + std::string(20'000, 'x') + "\""), IsEmpty());
  EXPECT_THAT(faults_of_new(R"("description":")" + std::string(20'001, 'x') + "\""),
              ElementsAre("description out_of_range"));
  EXPECT_THAT(faults_of_new(R"("description":"a\n\tb")"), IsEmpty());
  EXPECT_THAT(faults_of_new(R"("description":"a\u0007b")"),
              ElementsAre("description invalid_text"));
}

TEST(NewEvent, HoldsAtMostAMillionSeats) {
  const auto with_seats = [](const char* seats) {
    return faults_of([&] {
      parse_new_event(body_of(R"({"name":"a","venue":"b","event_date":"2027-01-01T00:00:00Z",)"
                              R"("total_capacity":)" +
                              std::string(seats) + "}"));
    });
  };
  EXPECT_THAT(with_seats("1000000"), IsEmpty());
  for (const char* bad : {"0", "-1", "1000001", "1.5", "\"5\"", "99999999999999999999"}) {
    EXPECT_FALSE(with_seats(bad).empty()) << bad;
  }
}

TEST(EventPatch, ChangesOnlyWhatItNames) {
  const Event event = parse_event_patch(body_of(R"({"name":"Other"})"), stored("active"));
  EXPECT_EQ(event.name, "Other");
  EXPECT_EQ(event.venue, "Hall 1");
  EXPECT_EQ(event.capacity, 50);
  EXPECT_EQ(event.url, "https://example.org");
}

TEST(EventPatch, ClearsByNullWhatMayBeAbsent) {
  const Event event = parse_event_patch(body_of(R"({"url":null})"), stored("active"));
  EXPECT_FALSE(event.url);
  EXPECT_THAT(faults_of([] {
                parse_event_patch(body_of(R"({"name":null,"price":null})"), stored("active"));
              }),
              UnorderedElementsAre("name required", "price required"));
}

TEST(EventPatch, LeadsNowhereFromCancelledAndNeverBackToDraft) {
  const auto change = [](const std::string& from, const std::string& to) {
    return faults_of(
        [&] { parse_event_patch(body_of(R"({"status":")" + to + "\"}"), stored(from)); });
  };
  EXPECT_THAT(change("draft", "active"), IsEmpty());
  EXPECT_THAT(change("active", "completed"), IsEmpty());
  EXPECT_THAT(change("cancelled", "cancelled"), IsEmpty());
  EXPECT_THAT(change("active", "draft"), ElementsAre("status invalid_change"));
  EXPECT_THAT(change("active", "cancelled"), ElementsAre("status invalid_change"));
  EXPECT_THAT(change("cancelled", "active"), ElementsAre("status invalid_change"));
}

TEST(EventJson, ShowsTextUnchangedAndDescriptionRendered) {
  Event event = stored("active");
  event.name = "O'Reilly \"One & All\" ‹Programming› We ❤️ Speed";
  event.description = "**x** <script>";
  const std::string json = to_json(event);
  EXPECT_THAT(json, HasSubstr(R"("name":"O'Reilly \"One & All\" ‹Programming› We ❤️ Speed")"));
  EXPECT_THAT(json, HasSubstr(R"("<p><strong>x</strong> <!-- raw HTML omitted --></p>\n")"));
  EXPECT_THAT(json, HasSubstr(R"("city":null)"));
  EXPECT_THAT(json, HasSubstr(R"("price":"0.00")"));
}

TEST(EventJson, PutsFinishedEventsIntoAList) {
  EXPECT_EQ(list_json({R"({"id":1})", R"({"id":2})"}, "abc"),
            R"({"items":[{"id":1},{"id":2}],"next_cursor":"abc"})");
  EXPECT_EQ(list_json({}, ""), R"({"items":[],"next_cursor":null})");
}

}  // namespace
}  // namespace evently::events
