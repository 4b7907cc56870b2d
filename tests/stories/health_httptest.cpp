// Requirement I12: alive, ready and measured are three things, and only the last is for operators.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "security/detection/event_names.hpp"
#include "security/detection/rules.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

pid_t postmaster_of(const ServerProcess& server) {
  std::ifstream in(server.data_dir() / "data" / "postgres" / "postmaster.pid");
  pid_t pid = 0;
  in >> pid;
  return pid;
}

/// Stops PostgreSQL in its tracks, backends and all, and lets it go on at the end.
class Hung {
 public:
  explicit Hung(pid_t postmaster) : postmaster_(postmaster) { signal_all(SIGSTOP); }
  ~Hung() { signal_all(SIGCONT); }
  Hung(const Hung&) = delete;
  Hung& operator=(const Hung&) = delete;

 private:
  void signal_all(int signal) const {
    const std::string task = "/proc/" + std::to_string(postmaster_) + "/task/" +
                             std::to_string(postmaster_) + "/children";
    std::ifstream children(task);
    ::kill(postmaster_, signal);
    for (pid_t child = 0; children >> child;) ::kill(child, signal);
  }
  pid_t postmaster_;
};

bool becomes(HttpClient& client, int status) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (client.get("/api/v1/health/ready").status != status) {
    if (std::chrono::steady_clock::now() > limit) return false;
    ::poll(nullptr, 0, 50);
  }
  return true;
}

TEST(Health, AHungDatabaseIsNotReadyButAlive) {
  ServerProcess server;
  HttpClient client = server.client();
  ASSERT_EQ(client.get("/api/v1/health/ready").status, 200);
  ASSERT_EQ(client.get("/api/v1/events").status, 200);
  {
    const Hung hung(postmaster_of(server));
    EXPECT_TRUE(becomes(client, 503));
    EXPECT_EQ(client.get("/api/v1/health/live").status, 200);
    const Answer events = client.get("/api/v1/events");
    EXPECT_EQ(events.status, 200);  // from memory, and says how old
    EXPECT_NE(events.header("age"), "");
    const Answer signing_in = client.post(
        "/api/v1/auth/token", R"({"email":"a@example.org","password":"correct horse battery"})");
    EXPECT_EQ(signing_in.status, 503);
    EXPECT_NE(signing_in.header("retry-after"), "");
  }
  EXPECT_TRUE(becomes(client, 200));
}

TEST(Health, MetricsAreForTheOperationsPort) {
  ServerProcess& server = ServerProcess::shared();
  HttpClient open = server.client();
  EXPECT_EQ(open.get("/metrics").status, 404);
  HttpClient operations(server.operations_port());
  const Answer metrics = operations.get("/metrics");
  EXPECT_EQ(metrics.status, 200);
  EXPECT_NE(metrics.body.find("evently_http_requests_total"), std::string::npos);
  EXPECT_EQ(operations.get("/api/v1/events").status, 404);
}

/// A counter that is born at 1 never increases: what a rule looks at is there before it happens.
TEST(Health, WhatTheAlertRulesCountIsThereFromTheStart) {
  ServerProcess server;
  HttpClient operations(server.operations_port());
  const std::string metrics = operations.get("/metrics").body;
  for (const char* counter : {"security_dropped", "mail_lost", "webhook_lost", "late_wishes_lost",
                              "limits_refused", "proxy_header_refused", "csp_reports"}) {
    EXPECT_THAT(metrics, HasSubstr("\nevently_" + std::string(counter) + "_total 0\n"));
  }
  for (const security::Rule& rule : security::kRules) {
    EXPECT_THAT(metrics, HasSubstr("\nevently_security_alerts_total{kind=\"" +
                                   std::string(rule.name) + "\"} 0\n"));
  }
  for (const std::string_view type : security::kEventNames) {
    EXPECT_THAT(metrics, HasSubstr("\nevently_security_events_total{type=\"" + std::string(type) +
                                   "\"} 0\n"));
  }
}

TEST(Health, EveryMetricSaysWhatItMeans) {
  HttpClient operations(ServerProcess::shared().operations_port());
  std::istringstream lines(operations.get("/metrics").body);
  int described = 0;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# HELP ")) continue;
    const std::string name = line.substr(7, line.find(' ', 7) - 7);
    const std::string help = line.substr(8 + name.size());
    EXPECT_THAT(help, Not(HasSubstr(name)));
    EXPECT_GE(std::ranges::count(help, ' '), 2) << name << " is explained by: " << help;
    ++described;
  }
  EXPECT_GE(described, 20);
}

}  // namespace
}  // namespace evently::testing
