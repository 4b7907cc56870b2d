#include "browser/guard.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace evently::browser {
namespace {

using http::Access;
using observability::SecurityEventType;
using Headers = std::vector<std::pair<std::string, std::string>>;

/// A browser that is signed in, and one that is about to.
class Guarded : public ::testing::Test {
 protected:
  Guarded() { origins.add("https://events.example"); }

  std::string session_token(const Uuid& id) {
    return tokens.issue(
        {make_uuid_v7(), "user", clock.now(), clock.now() + std::chrono::hours(1), id});
  }
  http::Request request(Headers headers, http::Method method = http::Method::Post) {
    http::Request made;
    made.method = method;
    made.path = "/api/v1/bookings";
    made.headers = std::move(headers);
    return made;
  }
  int status(const Headers& headers, const Access& access = http::signed_in(),
             http::Method method = http::Method::Post) {
    const auto refusal = guard.check(request(headers, method), access);
    return refusal ? refusal->problem.status : 200;
  }
  Headers with(Headers headers, const Headers& more) {
    headers.insert(headers.end(), more.begin(), more.end());
    return headers;
  }

  SystemClock clock;
  crypto::TokenKeys tokens{crypto::ring_of(std::string(32, 't'))};
  CsrfTokens csrf{std::string(32, 'c')};
  OwnOrigins origins;
  Guard guard{tokens, csrf, origins, clock};

  Uuid session = make_uuid_v7();
  std::string good = csrf.issue(binding_of_session(session));
  std::pair<std::string, std::string> cookie{"cookie",
                                             "__Host-evently_session=" + session_token(session)};
  std::pair<std::string, std::string> json{"content-type", "application/json"};
  std::pair<std::string, std::string> token{"x-csrf-token", good};
  std::pair<std::string, std::string> same{"sec-fetch-site", "same-origin"};
  std::pair<std::string, std::string> origin{"origin", "https://events.example"};
};

TEST_F(Guarded, HoldsTheWholeMatrix) {
  const std::string pre = make_pre_cookie();
  const std::string foreign = csrf.issue(binding_of_session(make_uuid_v7()));
  std::string flipped = good;
  flipped[0] = flipped[0] == 'A' ? 'B' : 'A';
  const auto site = [](const char* value) { return std::pair("sec-fetch-site", value); };
  const auto from = [](const char* value) { return std::pair("origin", value); };
  const auto typed = [](const char* value) { return std::pair("content-type", value); };
  struct Case {
    const char* name;
    Headers headers;
    int status;
  };
  const std::vector<Case> matrix{
      {"same-origin and token", {cookie, json, same, token}, 200},
      {"no Sec-Fetch, Origin exact, token", {cookie, json, origin, token}, 200},
      {"JSON in capitals", {cookie, typed("Application/JSON"), same, token}, 200},
      {"UTF-8 said", {cookie, typed("application/json; charset=utf-8"), same, token}, 200},
      {"UTF-8 said aloud", {cookie, typed("application/json;charset=\"UTF-8\""), same, token}, 200},
      {"another charset", {cookie, typed("application/json; charset=latin1"), same, token}, 415},
      {"more than the charset",
       {cookie, typed("application/json; charset=utf-8; x=text/plain"), same, token},
       415},
      {"form with the charset",
       {cookie, typed("application/x-www-form-urlencoded; charset=utf-8"), same, token},
       415},
      {"method override is ignored",
       {cookie, json, same, token, {"x-http-method-override", "GET"}},
       200},
      {"override without a token", {cookie, json, same, {"x-http-method-override", "GET"}}, 403},
      {"no token", {cookie, json, same}, 403},
      {"empty token", {cookie, json, same, {"x-csrf-token", ""}}, 403},
      {"another session's token", {cookie, json, same, {"x-csrf-token", foreign}}, 403},
      {"changed token", {cookie, json, same, {"x-csrf-token", flipped}}, 403},
      {"padded token", {cookie, json, same, {"x-csrf-token", good + "="}}, 403},
      {"two tokens", {cookie, json, same, token, token}, 403},
      {"token of before the sign-in",
       {{"cookie", cookie.second + "; __Host-evently_pre=" + pre},
        json,
        same,
        {"x-csrf-token", csrf.issue(binding_of_pre_cookie(pre))}},
       403},
      {"same-site", {cookie, json, site("same-site"), token}, 403},
      {"cross-site", {cookie, json, site("cross-site"), token}, 403},
      {"none", {cookie, json, site("none"), token}, 403},
      {"cross-site, whatever Origin says", {cookie, json, site("cross-site"), origin, token}, 403},
      {"Sec-Fetch-Site twice", {cookie, json, same, same, token}, 403},
      {"Origin null", {cookie, json, from("null"), token}, 403},
      {"sibling subdomain", {cookie, json, from("https://www.events.example"), token}, 403},
      {"suffix", {cookie, json, from("https://events.example.evil.example"), token}, 403},
      {"other scheme", {cookie, json, from("http://events.example"), token}, 403},
      {"other port", {cookie, json, from("https://events.example:8443"), token}, 403},
      {"slash after it", {cookie, json, from("https://events.example/"), token}, 403},
      {"Origin twice", {cookie, json, origin, origin, token}, 403},
      {"neither header", {cookie, json, token}, 403},
      {"form", {cookie, typed("application/x-www-form-urlencoded"), same, token}, 415},
      {"multipart", {cookie, typed("multipart/form-data; boundary=x"), same, token}, 415},
      {"text", {cookie, typed("text/plain"), same, token}, 415},
      {"list", {cookie, typed("application/json, text/plain"), same, token}, 415},
      {"parameter", {cookie, typed("application/json; x=text/plain"), same, token}, 415},
      {"no type", {cookie, same, token}, 415},
      {"two types", {cookie, json, json, same, token}, 415},
      {"type before origin", {cookie, typed("text/plain"), site("cross-site")}, 415},
  };
  for (const Case& c : matrix) {
    for (const auto method : {http::Method::Post, http::Method::Patch, http::Method::Delete}) {
      EXPECT_EQ(status(c.headers, http::signed_in(), method), c.status) << c.name;
      EXPECT_EQ(status(c.headers, http::proved_in_statement("booking:create"), method), c.status)
          << c.name;
    }
    EXPECT_EQ(status(c.headers, http::signed_in(), http::Method::Get), 200) << c.name;
  }
}

TEST_F(Guarded, SignsInABrowserOnlyFromOurForm) {
  const std::string pre = make_pre_cookie();
  const std::pair<std::string, std::string> jar{"cookie", "__Host-evently_pre=" + pre};
  const std::pair<std::string, std::string> ticket{"x-csrf-token",
                                                   csrf.issue(binding_of_pre_cookie(pre))};
  const std::pair<std::string, std::string> stolen{
      "x-csrf-token", csrf.issue(binding_of_pre_cookie(make_pre_cookie()))};
  const Access login = http::anyone();
  EXPECT_EQ(status({jar, json, same, ticket}, login), 200);
  EXPECT_EQ(status({jar, json, origin, ticket}, login), 200);
  EXPECT_EQ(status({jar, json, same}, login), 403);
  EXPECT_EQ(status({jar, json, same, stolen}, login), 403) << "a token of the attacker's browser";
  EXPECT_EQ(status({json, same, ticket}, login), 403) << "no cookie to bind to";
  EXPECT_EQ(status({jar, json, {"sec-fetch-site", "cross-site"}, ticket}, login), 403);
  EXPECT_EQ(status({jar, {"content-type", "text/plain"}, same, ticket}, login), 415);
  EXPECT_EQ(status({json, {"sec-fetch-site", "cross-site"}}, login), 403);
  EXPECT_EQ(status({json, {"origin", "https://evil.example"}}, login), 403);
  EXPECT_EQ(status({{"cookie", "__Host-evently_pre=short"},
                    json,
                    same,
                    {"x-csrf-token", csrf.issue("short")}},
                   login),
            403);
  EXPECT_EQ(status({cookie, json, same, token}, login), 200) << "signed in already";
  // A program sends none of a browser's headers.
  EXPECT_EQ(status({json}, login), 200);
  EXPECT_EQ(status({}, login), 200);
}

TEST_F(Guarded, LeavesProgramsAndReportsAlone) {
  const Access token_route = http::anyone(Access::Screen::Cookies);
  EXPECT_EQ(status({json, {"origin", "https://app.example"}}, token_route), 200);
  EXPECT_EQ(status({json, {"cookie", "a=b"}}, token_route), 403);
  const Access reports = http::anyone(Access::Screen::Never);
  EXPECT_EQ(status({cookie, {"content-type", "application/csp-report"}}, reports), 200);
  const std::pair<std::string, std::string> cross{"sec-fetch-site", "cross-site"};
  EXPECT_EQ(status({{"authorization", "Bearer x"}, cross}), 200);
  EXPECT_EQ(status({{"x-api-key", "evk_x"}, cross, {"cookie", "theme=dark"}}), 200);
}

TEST_F(Guarded, RefusesTwoCredentialsAndTossedCookies) {
  const std::string value = cookie.second;
  for (const Headers& headers :
       {Headers{{"cookie", value + "; " + value}}, Headers{cookie, cookie},
        Headers{{"cookie", value + "; __Host-evently_session=evil"}},
        Headers{{"cookie", "__Host-evently_session =evil; " + value}},
        Headers{{"cookie", "__Host-evently_pre=a; __Host-evently_pre=b"}}}) {
    for (const auto method : {http::Method::Get, http::Method::Post}) {
      const auto refusal = guard.check(request(headers, method), http::anyone());
      ASSERT_TRUE(refusal) << headers[0].second;
      EXPECT_EQ(refusal->problem.status, 400);
      EXPECT_EQ(refusal->event, SecurityEventType::SuspiciousRequest);
      EXPECT_EQ(refusal->detail, "cookie_tossing");
    }
  }
  EXPECT_EQ(status({cookie, {"authorization", "Bearer x"}}), 400);
  EXPECT_EQ(status({cookie, {"x-api-key", "evk_x"}}), 400);
}

TEST_F(Guarded, TellsTheWatchWhatFailed) {
  const auto refusal = guard.check(request({cookie, json, same}), http::signed_in());
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->problem.code, "csrf_failed");
  EXPECT_EQ(refusal->event, SecurityEventType::CsrfFailed);
  EXPECT_EQ(refusal->detail, "token");
}

TEST_F(Guarded, LeavesASessionThatIsNoneToTheDoor) {
  EXPECT_EQ(status({{"cookie", "__Host-evently_session=forged"}}), 200);
}

TEST(CsrfTokens, DifferEachTimeAndHoldForOneBindingUnderOneKey) {
  const CsrfTokens csrf(std::string(32, 'c'));
  const std::string binding = binding_of_session(make_uuid_v7());
  const std::string one = csrf.issue(binding);
  EXPECT_EQ(one.size(), 43U);
  EXPECT_NE(one, csrf.issue(binding));
  EXPECT_TRUE(csrf.verify(one, binding));
  EXPECT_FALSE(csrf.verify(one, binding_of_session(make_uuid_v7())));
  EXPECT_FALSE(csrf.verify(csrf.issue(""), ""));
  EXPECT_FALSE(CsrfTokens(std::string(32, 'd')).verify(one, binding));
  for (std::size_t i = 0; i < one.size(); ++i) {
    std::string changed = one;
    changed[i] = changed[i] == 'A' ? 'Q' : 'A';
    EXPECT_FALSE(csrf.verify(changed, binding)) << i;
  }
}

TEST(OwnOrigins, AreWhatABrowserHereCallsTheListener) {
  const std::vector<std::string> loopback{"http://127.0.0.1:8080", "http://localhost:8080",
                                          "http://[::1]:8080"};
  EXPECT_EQ(origins_of_listener("127.0.0.1", 8080, false), loopback);
  EXPECT_EQ(origins_of_listener("0.0.0.0", 443, true)[1], "https://localhost");
  EXPECT_EQ(origins_of_listener("192.0.2.1", 8443, true)[0], "https://192.0.2.1:8443");
  EXPECT_EQ(origins_of_listener("2001:db8::1", 443, true)[0], "https://[2001:db8::1]");
}

TEST(Cookies, AreForThisHostOnlyOverHttpsUnseenByScripts) {
  EXPECT_EQ(set_cookie(kPreCookie, "x", std::chrono::seconds(5)),
            "__Host-evently_pre=x; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=5");
}

}  // namespace
}  // namespace evently::browser
