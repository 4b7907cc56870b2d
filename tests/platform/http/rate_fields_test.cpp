// Requirement E4: a request that was counted says so in its answer, however its handler ended.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"
#include "platform/limits/rate_headers.hpp"

namespace evently::http {
namespace {

/// Counts everything and refuses nothing.
class CountingGate final : public RateGate {
 public:
  std::optional<Problem> refuse_early(const Request&, std::string_view) override { return {}; }
  std::optional<RateVerdict> decide_now(const Request&, std::string_view) override {
    limits::Policy policy;
    policy.name = "global";
    policy.quota = 300;
    policy.window = 60 * limits::kSecond;
    limits::Standing standing;
    standing.remaining = 299;
    standing.full_after = limits::kSecond;
    const limits::RateLine line{&policy, standing};
    RateVerdict verdict;
    limits::add_rate_headers(verdict.headers, std::span(&line, 1));
    return verdict;
  }
  Task<RateVerdict> decide(const Request&, std::string_view) override { co_return RateVerdict(); }
  void take_back(const Uuid&, std::string_view, const RateVerdict&) override {}
};

std::string get(const std::string& path, const std::string& more = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

void expect_counted(const std::string& answer, int status) {
  EXPECT_EQ(status_of(answer), status);
  EXPECT_EQ(header_of(answer, "RateLimit-Policy"), "\"global\";q=300;w=60") << answer;
  EXPECT_EQ(header_of(answer, "RateLimit"), "\"global\";r=299;t=1");
  EXPECT_EQ(header_of(answer, "RateLimit-Limit"), "300");
  EXPECT_EQ(header_of(answer, "RateLimit-Remaining"), "299");
  EXPECT_EQ(header_of(answer, "RateLimit-Reset"), "1");
}

struct Ending {
  const char* name;
  std::string request;
  int status;
};

class RateFields : public ::testing::TestWithParam<Ending> {};

TEST_P(RateFields, StandInEveryCountedAnswer) {
  CountingGate gate;
  HttpConfig config;
  config.cors = CorsPolicy({"https://app.example"});
  RunningServer server(std::move(config), &gate);
  RawClient client(server.port());
  expect_counted(client.ask(GetParam().request), GetParam().status);
}

INSTANTIATE_TEST_SUITE_P(
    Http, RateFields,
    ::testing::Values(Ending{"Answered", get("/hello"), 200},
                      Ending{"NotModified", get("/hello", "If-None-Match: \"v1\"\r\n"), 304},
                      Ending{"HandlerThrewBadRequest", get("/refusal"), 400},
                      Ending{"MalformedTarget", get("/%zz"), 400},
                      Ending{"TurnedAwayByTheDoor", get("/private-fault"), 401},
                      Ending{"NoSuchPath", get("/nowhere"), 404},
                      Ending{"NoSuchMethod", "DELETE /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
                      Ending{"Preflight",
                             "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nOrigin: https://app.example\r\n"
                             "Access-Control-Request-Method: POST\r\n\r\n",
                             204},
                      Ending{"HandlerFailed", get("/fault"), 500},
                      Ending{"HandlerOfACallerFailed",
                             get("/private-fault", "Authorization: Bearer good\r\n"), 500}),
    [](const auto& each) { return each.param.name; });

TEST(RateFieldsOfALateHandler, StandInTheAnswerMadeForIt) {
  CountingGate gate;
  HttpConfig config;
  config.request_deadline = std::chrono::seconds(1);
  RunningServer server(std::move(config), &gate);
  RawClient client(server.port());
  expect_counted(client.ask(get("/gate")), 503);
  server.open_gate();
}

/// An answer of one request says nothing of the request before.
TEST(RateFieldsOfAnUncountedRequest, AreNotThoseOfTheOneBefore) {
  CountingGate gate;
  RunningServer server({}, &gate);
  RawClient client(server.port());
  expect_counted(client.ask(get("/fault")), 500);
  EXPECT_EQ(header_of(client.ask("broken\r\n\r\n"), "RateLimit"), "");
}

}  // namespace
}  // namespace evently::http
