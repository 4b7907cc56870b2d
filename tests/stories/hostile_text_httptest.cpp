// Requirements A1 and A2: whatever is sent as text comes back as it was, or is refused; and no text
// ever becomes a statement.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/postgres/sync_connection.hpp"
#include "support/external_cluster.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

/// Names of real conferences, and what has broken other people's programs.
const std::vector<std::string> kTexts{"O'Reilly",
                                      "One & All",
                                      "\xe2\x80\xb9Programming\xe2\x80\xba",
                                      "We \xe2\x9d\xa4\xef\xb8\x8f Speed",
                                      "'; DROP TABLE core.bookings; --",
                                      "1' OR '1'='1",
                                      "\\'; SELECT pg_sleep(5); --",
                                      "$1 $2 $$body$$ :name ?",
                                      "%s %n %x {0} {{template}} ${jndi:ldap://a}",
                                      "<script>alert(1)</script>",
                                      "\"><img src=x onerror=alert(1)>",
                                      "javascript:alert(1)",
                                      "&lt;already encoded&gt; &amp;amp;",
                                      "=1+1",
                                      "@SUM(A1)",
                                      "../../etc/passwd",
                                      "C:\\temp\\x",
                                      "null",
                                      "undefined",
                                      "NaN",
                                      "true",
                                      "-1",
                                      "0x10",
                                      "1e309",
                                      "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
                                      "\xe2\x80\xae"
                                      "txt.exe",
                                      "Z\xcc\xb6\xcd\x84"
                                      "algo",
                                      "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb",
                                      "\xef\xbb\xbf"
                                      "BOM",
                                      "\xc2\xa0non-breaking",
                                      "a\xe2\x80\x8b"
                                      "b",
                                      "\xef\xbc\x9c\xef\xbc\x9e",
                                      "LIKE % and _ and \\",
                                      std::string(200, 'x'),
                                      std::string(201, 'x'),
                                      "",
                                      "line\nbreak",
                                      "nul \x01 control",
                                      "tab\tbed"};

TEST(HostileText, ComesBackByteForByteOrIsRefused) {
  ServerProcess server;
  const Person admin = make_administrator(server);
  HttpClient client = server.client();
  int kept = 0;
  for (const std::string& text : kTexts) {
    const boost::json::object event{{"name", text},
                                    {"description", text},
                                    {"venue", "Hall"},
                                    {"event_date", "2099-01-01T10:00:00Z"},
                                    {"total_capacity", 1}};
    const Answer made =
        client.post("/api/v1/events", boost::json::serialize(event), bearer(admin.token));
    if (made.status == 400) {
      EXPECT_EQ(made.text("/code"), "validation_failed") << text;
      continue;
    }
    ASSERT_EQ(made.status, 201) << text << made.body;
    const Answer read = client.get("/api/v1/events/" + made.text("/id"), bearer(admin.token));
    EXPECT_EQ(read.text("/name"), text);
    EXPECT_EQ(read.text("/description"), text);
    const std::string html = read.text("/description_html");
    EXPECT_EQ(html.find("<script"), std::string::npos) << html;
    EXPECT_EQ(html.find("<img"), std::string::npos) << html;
    ++kept;
  }
  EXPECT_GE(kept, 34);
}

/// Of the roles that serve requests; the worker has its own rhythm.
constexpr postgres::Statement kDistinctStatements{
    "test.statements",
    "SELECT count(DISTINCT s.queryid) AS n FROM public.pg_stat_statements s JOIN pg_roles r ON "
    "r.oid "
    "= s.userid WHERE r.rolname LIKE 'application_%' AND r.rolname <> 'application_worker'"};

/// Text in every place where a client may put some.
void try_everywhere(HttpClient& client, const std::string& token, const std::string& text) {
  std::string escaped;
  for (const char c : text) {
    char hex[4];
    std::snprintf(hex, sizeof hex, "%%%02X", static_cast<unsigned>(static_cast<unsigned char>(c)));
    escaped += hex;
  }
  const std::string json = boost::json::serialize(boost::json::value(text));
  client.get("/api/v1/events?q=" + escaped);
  client.get("/api/v1/events?city=" + escaped + "&topic=" + escaped + "&sort=name");
  client.get("/api/v1/events?sort=" + escaped + "&cursor=" + escaped + "&from=" + escaped);
  client.get("/api/v1/events/" + escaped);
  client.get("/api/v1/bookings?status=" + escaped + "&event_id=" + escaped, bearer(token));
  client.get("/api/v1/bookings/" + escaped, bearer(token));
  client.post("/api/v1/bookings", R"({"event_id":)" + json + R"(,"quantity":)" + json + "}",
              bearer(token));
  Headers keyed = bearer(token);
  keyed.emplace_back("Idempotency-Key", "k-" + std::to_string(std::hash<std::string>{}(text)));
  client.post("/api/v1/bookings",
              R"({"event_id":"01930c3e-7a10-7c3a-9a53-3f1c2b6d8e21","quantity":1})", keyed);
  client.post("/api/v1/auth/token", R"({"email":)" + json + R"(,"password":)" + json + "}");
  client.post("/api/v1/auth/register",
              R"({"email":)" + json + R"(,"name":)" + json + R"(,"password":)" + json + "}");
  client.get("/api/v1/me", bearer(text.find('\n') == std::string::npos ? "x" + escaped : "x"));
}

TEST(HostileText, NeverBecomesAStatement) {
  const ExternalCluster cluster(
      {"-c", "shared_preload_libraries=pg_stat_statements", "-c", "pg_stat_statements.track=all"});
  postgres::SyncConnection superuser(cluster.superuser_url());
  superuser.script("test.extension", "CREATE EXTENSION pg_stat_statements SCHEMA public");
  ServerProcess server({"--database-url", cluster.superuser_url(), "--workers", "1"});
  HttpClient client = server.client();
  const Person ada = register_person(client);
  const auto count = [&] { return superuser.run(kDistinctStatements)[0].get<std::int64_t>("n"); };
  // Every shape of request once, so that whatever it prepares is there.
  for (const char* plain : {"abc", "2026-01-01T00:00:00Z", "confirmed", "name", "1",
                            "01930c3e-7a10-7c3a-9a53-3f1c2b6d8e21", "bob@example.org"}) {
    try_everywhere(client, ada.token, plain);
  }
  const std::int64_t before = count();
  ASSERT_GT(before, 5);
  for (const std::string& text : kTexts) try_everywhere(client, ada.token, text);
  EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace evently::testing
