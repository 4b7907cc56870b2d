#include "events/finished_pages.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "platform/http/encoding.hpp"
#include "support/run_task.hpp"

namespace evently::events {
namespace {

std::shared_ptr<FinishedPage> page(const std::string& body) {
  return std::make_shared<FinishedPage>(body, list_etag(body), "");
}

std::string header(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

http::Request browser() {
  http::Request request;
  request.headers.emplace_back("accept-encoding", "gzip, br");
  return request;
}

TEST(FinishedPage, SharesOneBodyBetweenAnswers) {
  const auto kept = page("{}");
  const auto first = kept->serve(http::Request(), std::chrono::seconds(0));
  const auto second = kept->serve(http::Request(), std::chrono::seconds(0));
  EXPECT_EQ(first.shared_body, second.shared_body);
  EXPECT_EQ(header(first, "Cache-Control"), "public, max-age=1");
  EXPECT_EQ(header(first, "Vary"), "Accept-Encoding");
  EXPECT_EQ(header(first, "Age"), "");
}

TEST(FinishedPage, IsCompressedOnceForWhoAcceptsIt) {
  const auto kept = page(std::string(5000, 'x'));
  const auto first = kept->serve(browser(), std::chrono::seconds(0));
  EXPECT_EQ(header(first, "Content-Encoding"), "gzip");
  EXPECT_EQ(header(first, "ETag"), "W/" + list_etag(std::string(5000, 'x')));
  EXPECT_LT(first.content().size(), 200U);
  EXPECT_EQ(first.shared_body, kept->serve(browser(), std::chrono::seconds(0)).shared_body);
}

TEST(FinishedPage, StaysPlainWhenItIsSmall) {
  EXPECT_EQ(header(page("{}")->serve(browser(), std::chrono::seconds(0)), "Content-Encoding"), "");
}

TEST(FinishedPage, TellsItsAge) {
  EXPECT_EQ(header(page("{}")->serve(http::Request(), std::chrono::seconds(7)), "Age"), "7");
}

TEST(FinishedPage, IsNotStoredWhenSomebodySignedInAsks) {
  http::Request request;
  request.principal.emplace();
  EXPECT_EQ(header(page("{}")->serve(request, std::chrono::seconds(0)), "Cache-Control"),
            "no-store");
}

TEST(FinishedPages, AreGoodForOneGeneration) {
  FinishedPages pages;
  EXPECT_EQ(pages.find("/a", 1), nullptr);
  pages.keep("/a", 1, page("{}"), false);
  EXPECT_NE(pages.find("/a", 1), nullptr);
  EXPECT_EQ(pages.find("/a", 2), nullptr);
  EXPECT_EQ(pages.find("/a", 1), nullptr);
}

TEST(FinishedPages, RefuseAPageOfAGenerationThatIsOver) {
  FinishedPages pages;
  pages.find("/a", 2);
  pages.keep("/a", 1, page("old"), true);
  EXPECT_EQ(pages.find("/a", 2), nullptr);
}

TEST(FinishedPages, StayBounded) {
  FinishedPages pages;
  pages.find("/", 1);
  const auto big = page(std::string(1024 * 1024, 'x'));
  for (int i = 0; i < 100; ++i) pages.keep("/" + std::to_string(i), 1, big, false);
  int kept = 0;
  for (int i = 0; i < 100; ++i) kept += pages.find("/" + std::to_string(i), 1) ? 1 : 0;
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, 32);
}

TEST(QueryFlights, LetNobodyWaitForATargetNobodyAsksFor) {
  boost::asio::io_context io;
  QueryFlights flights;
  const auto now = std::chrono::steady_clock::now();
  EXPECT_FALSE(testing::run_task(io, flights.wait("/a", now + std::chrono::seconds(60))));
}

TEST(QueryFlights, WakeWhoWaitsWhenTheTurnEnds) {
  boost::asio::io_context io;
  QueryFlights flights;
  auto turn = std::make_unique<QueryFlights::Turn>(flights, "/a");
  const auto now = std::chrono::steady_clock::now();
  auto waiting = boost::asio::co_spawn(io, flights.wait("/a", now + std::chrono::seconds(60)),
                                       boost::asio::use_future);
  io.poll();
  turn.reset();
  io.restart();
  io.run();
  EXPECT_TRUE(waiting.get());
  EXPECT_LT(std::chrono::steady_clock::now() - now, std::chrono::seconds(30));
}

TEST(QueryFlights, WaitNoLongerThanTheDeadline) {
  boost::asio::io_context io;
  QueryFlights flights;
  const QueryFlights::Turn turn(flights, "/a");
  EXPECT_TRUE(testing::run_task(io, flights.wait("/a", std::chrono::steady_clock::now())));
}

}  // namespace
}  // namespace evently::events
