#include "platform/observability/metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace evently::observability {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Metrics, CountRequestsByRouteAndStatus) {
  Metrics metrics;
  metrics.request_finished("GET", "/api/v1/events", 200, 0.002);
  metrics.request_finished("GET", "/api/v1/events", 200, 0.2);
  metrics.request_finished("GET", "/api/v1/events", 503, 0.2);
  const std::string text = metrics.render();
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(evently_http_requests_total{method="GET",route="/api/v1/events",status="200"} 2)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(evently_http_requests_total{method="GET",route="/api/v1/events",status="503"} 1)"));
  EXPECT_THAT(
      text,
      HasSubstr(R"(evently_http_request_seconds_count{method="GET",route="/api/v1/events"} 3)"));
  EXPECT_THAT(
      text,
      HasSubstr(
          R"(evently_http_request_seconds_bucket{method="GET",route="/api/v1/events",le="0.0025"} 1)"));
}

TEST(Metrics, CountWhatSeveralThreadsDo) {
  Metrics metrics;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 1'000; ++i) {
        metrics.request_finished("POST", "/x", 201, 0.001);
        metrics.count("evently_limits_refused_total");
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(metrics.render(), HasSubstr(R"(route="/x",status="201"} 4000)"));
  EXPECT_THAT(metrics.render(), HasSubstr("evently_limits_refused_total 4000"));
}

TEST(Metrics, KeepTwoInstancesApart) {
  for (int i = 0; i < 3; ++i) {
    Metrics metrics;
    metrics.request_finished("GET", "/x", 200, 0.001);
    EXPECT_THAT(metrics.render(), HasSubstr(R"(route="/x",status="200"} 1)"));
  }
  Metrics one;
  Metrics two;
  one.request_finished("GET", "/x", 200, 0.001);
  two.request_finished("GET", "/y", 200, 0.001);
  one.request_finished("GET", "/x", 200, 0.001);
  EXPECT_THAT(one.render(), HasSubstr(R"(route="/x",status="200"} 2)"));
  EXPECT_THAT(one.render(), Not(HasSubstr("/y")));
}

TEST(Metrics, ShowTheLastValueOfAGauge) {
  Metrics metrics;
  metrics.set("evently_hash_queue_length", 7);
  metrics.set("evently_hash_queue_length", 5);
  EXPECT_THAT(metrics.render(), HasSubstr("evently_hash_queue_length 5"));
}

TEST(Metrics, ShowBatchesAndFaults) {
  Metrics metrics;
  metrics.batch_finished(64, 0.003);
  metrics.batch_poisoned();
  metrics.fault("postgres");
  metrics.fault("postgres");
  const std::string text = metrics.render();
  EXPECT_THAT(text, HasSubstr("evently_bookings_batch_wishes_sum 64"));
  EXPECT_THAT(text, HasSubstr("evently_bookings_batch_seconds_count 1"));
  EXPECT_THAT(text, HasSubstr("evently_bookings_batch_poison_total 1"));
  EXPECT_THAT(text, HasSubstr(R"(evently_faults_total{kind="postgres"} 2)"));
}

TEST(Metrics, ShowCountersBeforeTheyCount) {
  Metrics metrics;
  metrics.declare("evently_security_alerts_total", "kind", "TOKEN_REPLAY");
  EXPECT_THAT(metrics.render(), HasSubstr("evently_mail_lost_total 0\n"));
  EXPECT_THAT(metrics.render(), HasSubstr("alerts_total{kind=\"TOKEN_REPLAY\"} 0\n"));
  metrics.count("evently_security_alerts_total", "kind", "TOKEN_REPLAY");
  EXPECT_THAT(metrics.render(), HasSubstr("alerts_total{kind=\"TOKEN_REPLAY\"} 1\n"));
  EXPECT_THROW(metrics.count("evently_unheard_of_total"), std::logic_error);
}

}  // namespace
}  // namespace evently::observability
