#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"

namespace evently::http {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

struct Case {
  std::string request;
  int status;
};

HttpConfig impatient() {
  HttpConfig config;
  config.header_timeout = std::chrono::seconds(1);
  config.request_deadline = std::chrono::seconds(1);
  return config;
}

class EveryStatus : public ::testing::TestWithParam<Case> {};

void expect_security_headers(const std::string& answer) {
  EXPECT_EQ(header_of(answer, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(header_of(answer, "X-Frame-Options"), "DENY");
  EXPECT_EQ(header_of(answer, "Content-Security-Policy"),
            "default-src 'none'; object-src 'none'; base-uri 'none'; form-action 'none'; "
            "frame-ancestors 'none'; report-uri /api/v1/csp-reports; report-to csp");
  EXPECT_EQ(header_of(answer, "Reporting-Endpoints"), "csp=\"/api/v1/csp-reports\"");
  EXPECT_EQ(header_of(answer, "Referrer-Policy"), "no-referrer");
  EXPECT_THAT(header_of(answer, "Permissions-Policy"), HasSubstr("camera=()"));
  EXPECT_EQ(header_of(answer, "Cross-Origin-Opener-Policy"), "same-origin");
  EXPECT_EQ(header_of(answer, "Cross-Origin-Resource-Policy"), "same-origin");
  EXPECT_FALSE(header_of(answer, "Cache-Control").empty());
  EXPECT_GE(header_of(answer, "X-Request-Id").size(), 8U);
  EXPECT_FALSE(header_of(answer, "Date").empty());
  EXPECT_THAT(answer, Not(HasSubstr("Access-Control")));
}

TEST_P(EveryStatus, CarriesTheSecurityHeadersAndARequestId) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.say(GetParam().request);
  const std::string answer = client.answer();
  EXPECT_EQ(status_of(answer), GetParam().status);
  expect_security_headers(answer);
  EXPECT_EQ(header_of(answer, "Strict-Transport-Security"), "");
}

TEST_P(EveryStatus, AsksForHttpsForAYearBehindAProxyThatHasIt) {
  HttpConfig config = impatient();
  config.proxies = TrustedProxies({"127.0.0.1/32"});
  RunningServer server(config);
  RawClient client(server.port());
  client.say(GetParam().request);
  EXPECT_EQ(header_of(client.answer(), "Strict-Transport-Security"),
            "max-age=31536000; includeSubDomains");
}

std::string get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}
std::string post(const std::string& target, const std::string& more) {
  return "POST " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

INSTANTIATE_TEST_SUITE_P(
    Table, EveryStatus,
    ::testing::Values(
        Case{get("/hello"), 200}, Case{get("/canary"), 204},
        Case{get("/hello", "If-None-Match: \"v1\"\r\n"), 304}, Case{get("/refusal"), 400},
        Case{get("/%ff"), 400}, Case{"GET /hello HTTP/1.1\r\n\r\n", 400},
        Case{"\x16\x03\x01 no http\r\n\r\n", 400}, Case{get("/private-fault"), 401},
        Case{get("/status/403"), 403}, Case{get("/nowhere"), 404}, Case{get("/hello/x.css"), 404},
        Case{"PUT /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", 405},
        Case{"OPTIONS /hello HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        Case{"GET /hello HTTP/1.1\r\nHo", 408}, Case{get("/status/409"), 409},
        Case{get("/status/412"), 412}, Case{post("/echo", "Content-Length: 99999999\r\n"), 413},
        Case{get("/" + std::string(9000, 'x')), 414}, Case{get("/status/415"), 415},
        Case{post("/echo", "Content-Length: 1\r\nExpect: tea\r\n"), 417},
        Case{get("/status/422"), 422}, Case{get("/status/429"), 429},
        Case{get("/hello", "X: " + std::string(17'000, 'x') + "\r\n"), 431},
        Case{get("/fault"), 500}, Case{post("/echo", "Transfer-Encoding: gzip\r\n"), 501},
        Case{get("/gate"), 503}, Case{get("/status/503"), 503},
        Case{"GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", 505}));

HttpConfig open_to_app() {
  HttpConfig config;
  config.cors = CorsPolicy({"https://app.example", "http://localhost:3000"});
  return config;
}

TEST(Cors, IsOffUnlessTheOperatorAsks) {
  RunningServer server;
  RawClient client(server.port());
  for (const char* origin : {"https://evil.example", "null", "http://127.0.0.1"}) {
    const std::string more = std::string("Origin: ") + origin + "\r\n";
    EXPECT_THAT(client.ask(get("/hello", more)), Not(HasSubstr("Access-Control"))) << origin;
  }
}

TEST(Cors, LetsTheListedOriginReadAndNoOther) {
  RunningServer server(open_to_app());
  RawClient client(server.port());
  const std::string allowed = client.ask(get("/hello", "Origin: https://app.example\r\n"));
  EXPECT_EQ(header_of(allowed, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_THAT(allowed, HasSubstr("\r\nVary: Origin\r\n"));
  EXPECT_THAT(allowed, Not(HasSubstr("Allow-Credentials")));
  const std::string exposed = ", " + header_of(allowed, "Access-Control-Expose-Headers") + ",";
  for (const char* name : {"RateLimit", "RateLimit-Policy", "RateLimit-Limit",
                           "RateLimit-Remaining", "RateLimit-Reset", "Retry-After"}) {
    EXPECT_THAT(exposed, HasSubstr(std::string(", ") + name + ",")) << name;
  }
  for (const std::string origin :
       {"https://evil.example", "null", "https://app.evently.evil", "https://app.example.evil",
        "http://app.example", "https://app.example:8443", "https://APP.example",
        "https://app.example/", "https://app.example\r\nOrigin: https://app.example", "*"}) {
    const std::string answer = client.ask(get("/hello", "Origin: " + origin + "\r\n"));
    EXPECT_THAT(answer, Not(HasSubstr("Access-Control"))) << origin;
    EXPECT_THAT(answer, HasSubstr("\r\nVary: Origin\r\n")) << origin;
  }
  EXPECT_THAT(client.ask(get("/nowhere", "Origin: http://localhost:3000\r\n")),
              HasSubstr("Access-Control-Allow-Origin: http://localhost:3000"));
}

TEST(Cors, AnswersThePreflightOfTheListedOriginOnly) {
  RunningServer server(open_to_app());
  RawClient client(server.port());
  const auto ask = [&](const std::string& path, const std::string& origin) {
    return client.ask("OPTIONS " + path + " HTTP/1.1\r\nHost: a\r\nOrigin: " + origin +
                      "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
  };
  const std::string allowed = ask("/echo", "https://app.example");
  EXPECT_EQ(status_of(allowed), 204);
  EXPECT_EQ(header_of(allowed, "Access-Control-Allow-Methods"), "POST");
  EXPECT_THAT(header_of(allowed, "Access-Control-Allow-Headers"), HasSubstr("x-api-key"));
  EXPECT_EQ(header_of(allowed, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(status_of(ask("/echo", "https://evil.example")), 405);
  EXPECT_EQ(status_of(ask("/nowhere", "https://app.example")), 404);
}

TEST(Cors, ForgetsTheOriginOfTheRequestBefore) {
  RunningServer server(open_to_app());
  RawClient client(server.port());
  client.ask(get("/hello", "Origin: https://app.example\r\n"));
  EXPECT_THAT(client.ask(get("/hello")), Not(HasSubstr("Access-Control")));
  client.ask(get("/hello", "Origin: https://app.example\r\n"));
  EXPECT_THAT(client.ask("broken\r\n\r\n"), Not(HasSubstr("Access-Control")));
}

TEST(Cors, TakesOriginsOnly) {
  for (const char* good : {"https://a.example", "http://localhost:3000", "https://[::1]:8443"}) {
    EXPECT_TRUE(is_origin(good)) << good;
  }
  for (const char* bad : {"null", "*", "", "https://", "a.example", "https://a.example/",
                          "https://a.example:443", "http://a:80", "https://a:0", "https://a:65536",
                          "https://a:08443", "https://a:", "https://A.example", "https://u@a",
                          "https://*.a.example", "ftp://a", "https://a b", "https://[::1"}) {
    EXPECT_FALSE(is_origin(bad)) << bad;
    EXPECT_THROW(CorsPolicy({bad}), std::invalid_argument) << bad;
  }
}

}  // namespace
}  // namespace evently::http
