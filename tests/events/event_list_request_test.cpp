#include "events/event_list_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/encoding.hpp"
#include "platform/http/problem.hpp"

namespace evently::events {
namespace {

using ::testing::ElementsAre;
using Query = std::vector<std::pair<std::string, std::string>>;

const json::CursorCodec kCursors(std::string(32, 'c'));

http::Request list_request(Query query) {
  http::Request request;
  request.path = "/api/v1/events";
  request.query = std::move(query);
  return request;
}

EventQuery parse(Query query, bool is_editor = false) {
  return parse_event_query(list_request(std::move(query)), kCursors, is_editor);
}

std::string cursor_of(Query query) {
  const http::Request request = list_request(std::move(query));
  Event last;
  last.name = "Zoo";
  last.id = make_uuid_v7();
  return next_cursor(request, kCursors, parse_event_query(request, kCursors, false), last);
}

bool is_refused(Query query) {
  try {
    parse(std::move(query));
  } catch (const http::BadRequest& bad) {
    return bad.problem.status == 400;
  }
  return false;
}

TEST(EventListQuery, DefaultsToTheNextTwentyOpenEvents) {
  const EventQuery query = parse({});
  EXPECT_EQ(query.limit, 20);
  EXPECT_EQ(query.sort, EventSort::ByDate);
  EXPECT_EQ(query.status, "active");
}

TEST(EventListQuery, SplitsWordsAtWhiteSpace) {
  EXPECT_THAT(parse({{"q", "  C++   Z\xC3\xBCrich "}}).words, ElementsAre("C++", "Zürich"));
}

TEST(EventListQuery, RefusesWhatItDoesNotKnow) {
  EXPECT_TRUE(is_refused({{"limit", "0"}}));
  EXPECT_TRUE(is_refused({{"limit", "101"}}));
  EXPECT_TRUE(is_refused({{"limit", "20x"}}));
  EXPECT_TRUE(is_refused({{"sort", "price"}}));
  EXPECT_TRUE(is_refused({{"from", "yesterday"}}));
  EXPECT_TRUE(is_refused({{"available", "1"}}));
  EXPECT_TRUE(is_refused({{"colour", "red"}}));
  EXPECT_TRUE(is_refused({{"city", "a"}, {"city", "b"}}));
  EXPECT_TRUE(is_refused({{"q", "a b c d e f g h i"}}));
}

TEST(EventListQuery, OpensStatusToEditorsOnly) {
  EXPECT_TRUE(is_refused({{"status", "all"}}));
  EXPECT_EQ(parse({{"status", "draft"}}, true).status, "draft");
}

TEST(EventCursor, GoesOnBehindTheLastEvent) {
  const EventQuery query = parse({{"sort", "name"}, {"cursor", cursor_of({{"sort", "name"}})}});
  EXPECT_EQ(query.after_key, "Zoo");
  EXPECT_EQ(query.after_id.size(), 36U);
}

TEST(EventCursor, IsBoundToFiltersAndOrderButNotToTheLimit) {
  const std::string cursor = cursor_of({{"city", "Bonn"}, {"topic", "x"}});
  EXPECT_FALSE(is_refused({{"topic", "x"}, {"city", "Bonn"}, {"limit", "5"}, {"cursor", cursor}}));
  EXPECT_TRUE(is_refused({{"city", "Bonn"}, {"cursor", cursor}}));
  EXPECT_TRUE(is_refused({{"city", "Bonn"}, {"topic", "y"}, {"cursor", cursor}}));
  EXPECT_TRUE(is_refused({{"city", "Bonn"}, {"topic", "x"}, {"sort", "name"}, {"cursor", cursor}}));
}

TEST(EventCursor, CannotBeChanged) {
  std::string cursor = cursor_of({});
  cursor[3] = cursor[3] == 'A' ? 'B' : 'A';
  EXPECT_TRUE(is_refused({{"cursor", cursor}}));
  EXPECT_TRUE(is_refused({{"cursor", "AAAA"}}));
}

TEST(EventCursor, IsNotFooledByFiltersThatLookAlikeWhenJoined) {
  const std::string cursor = cursor_of({{"city", "a&topic=b"}});
  EXPECT_TRUE(is_refused({{"city", "a"}, {"topic", "b"}, {"cursor", cursor}}));
}

TEST(NextTarget, KeepsTheOtherParametersEncoded) {
  const auto request = list_request({{"q", "a b&c"}, {"cursor", "old"}, {"city", "Zürich"}});
  EXPECT_EQ(http::target_with_cursor(request, "new"),
            "/api/v1/events?q=a%20b%26c&city=Z%C3%BCrich&cursor=new");
}

}  // namespace
}  // namespace evently::events
