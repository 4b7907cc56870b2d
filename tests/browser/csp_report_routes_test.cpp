#include "browser/csp_report_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/problem.hpp"
#include "support/run_task.hpp"

namespace evently::browser {
namespace {

using ::testing::HasSubstr;

class CspReports : public ::testing::Test {
 protected:
  int post(const std::string& type, const std::string& body) {
    http::Request request;
    request.method = http::Method::Post;
    request.headers = {{"content-type", type}};
    request.body = body;
    boost::asio::io_context io;
    try {
      return evently::testing::run_task(io, route.handler(request)).status;
    } catch (const http::BadRequest& bad) {
      return bad.problem.status;
    }
  }
  observability::Metrics metrics;
  CspReportBudget budget;
  CspReportRoutes routes{metrics, budget};
  http::Route route = routes.table().at(0);
};

constexpr char kOne[] =
    R"({"csp-report":{"effective-directive":"script-src","blocked-uri":"https://evil.example/x?s=1"}})";

TEST_F(CspReports, AreCountedInBothForms) {
  EXPECT_EQ(post("application/csp-report", kOne), 204);
  EXPECT_EQ(post("application/reports+json; charset=utf-8",
                 R"([{"type":"csp-violation","body":{"effectiveDirective":"img-src"}},
                     {"type":"csp-violation","body":{}}])"),
            204);
  EXPECT_THAT(metrics.render(), HasSubstr("evently_csp_reports_total 3"));
}

TEST_F(CspReports, AreRefusedWhenTheyAreNone) {
  EXPECT_EQ(post("application/json", kOne), 415);
  EXPECT_EQ(post("", kOne), 415);
  for (const char* body : {"", "{", "{}", "[]", "[1]", "7", R"({"csp-report":1})"}) {
    EXPECT_EQ(post("application/csp-report", body), 400) << body;
  }
  EXPECT_EQ(post("application/csp-report", std::string(17 * 1024, ' ')), 413);
  EXPECT_THAT(metrics.render(), HasSubstr("\nevently_csp_reports_total 0\n"));
}

TEST(CspReportBudget, WritesSixtyLinesAMinute) {
  CspReportBudget budget;
  const auto start = std::chrono::steady_clock::now();
  int taken = 0;
  for (int i = 0; i < 200; ++i) taken += budget.take(start) ? 1 : 0;
  EXPECT_EQ(taken, 60);
  EXPECT_TRUE(budget.take(start + std::chrono::minutes(1)));
}

}  // namespace
}  // namespace evently::browser
