// Requirement J4: whoever reads the decoy row, or tries what stands in it, is reported at once; the
// program itself never reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <boost/json.hpp>
#include <cstdlib>

#include "platform/postgres/embedded/cluster_process.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/two_nodes.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

class Decoys : public ::testing::Test {
 protected:
  /// Touches reported of each decoy; -1 when there was no alert.
  std::int64_t touches(const std::string& decoy) {
    const Answer answer =
        first_.get("/api/v1/security/alerts?state=open&limit=100", bearer(admin_.token));
    const boost::json::value page = answer.json();
    std::int64_t count = -1;
    for (const auto& item : page.at("items").as_array()) {
      if (item.at("key").as_string() != decoy) continue;
      EXPECT_EQ(item.at("kind").as_string(), "HONEYTOKEN_TOUCHED");
      EXPECT_EQ(count, -1) << "one alert over all nodes";
      count = item.at("count").as_int64();
    }
    return count;
  }
  /// J4 allows five seconds; three rounds, as the machine may be busy in one.
  template <class Touch>
  bool is_reported(const std::string& decoy, Touch touch) {
    for (int round = 0; round < 3; ++round) {
      const std::int64_t before = touches(decoy);
      touch();
      for (const auto limit = Time::now() + 5s; Time::now() < limit; ::poll(nullptr, 0, 20)) {
        if (touches(decoy) > before) return true;
      }
    }
    return false;
  }

  TwoNodes nodes_{{"--limit", "read=off"}};
  Person admin_ = make_administrator(*nodes_.first);
  HttpClient first_ = nodes_.first->client();
};

TEST_F(Decoys, AStolenRowIsReportedWhenItIsReadAndWhenItIsUsed) {
  // Two nodes have started on this database and planted, an administrator was made; verify reads
  // all the books there are.
  std::vector<std::string> verify{"verify"};
  const auto store = nodes_.first->store_arguments();
  verify.insert(verify.end(), store.begin(), store.end());
  EXPECT_EQ(run_evently(verify).exit_code, 0);
  EXPECT_EQ(touches("core.service_logins"), -1);

  std::string email;
  std::string password;
  EXPECT_TRUE(is_reported("core.service_logins", [&] {
    postgres::SyncConnection thief(nodes_.cluster.superuser_url("evently_operator"));
    const auto rows = thief.run({"test.dump", "SELECT email, password FROM core.service_logins"});
    ASSERT_EQ(rows.size(), 1) << "planted once";
    email = rows[0].get<std::string>("email");
    password = rows[0].get<std::string>("password");
  }));

  const auto sign_in = [&](const std::string& as, const std::string& with) {
    HttpClient second = nodes_.second->client();
    return second.post("/api/v1/auth/token",
                       R"({"email":")" + as + R"(","password":")" + with + R"("})");
  };
  Answer answer;
  EXPECT_TRUE(is_reported("service_login", [&] { answer = sign_in(email, password); }));
  const Answer other = sign_in("svc-export-00000000@evently.internal", "a wrong password");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.text("/code"), other.text("/code"));
  EXPECT_EQ(answer.body.size(), other.body.size());
}

TEST_F(Decoys, ACopyOfTheDatabaseIsReportedUnlessItLeavesTheRowOut) {
  const auto binaries = postgres::find_binaries("/usr/lib/postgresql", 0);
  ASSERT_TRUE(binaries);
  const std::string dump = (*binaries / "pg_dump").string() + " '" +
                           nodes_.cluster.superuser_url("evently_operator") + "' > /dev/null";
  const std::string leave_out =
      " --exclude-table-data=core.service_logins --exclude-table-data=ops.decoy_row";
  ASSERT_EQ(std::system((dump + leave_out).c_str()), 0);
  EXPECT_TRUE(is_reported("core.service_logins", [&] {
    EXPECT_EQ(touches("core.service_logins"), -1) << "not by the backup that the runbook has";
    ASSERT_EQ(std::system(dump.c_str()), 0);
  }));
}

TEST_F(Decoys, TheOperatorIsShownThem) {
  std::vector<std::string> doctor{"doctor"};
  const auto store = nodes_.first->store_arguments();
  doctor.insert(doctor.end(), store.begin(), store.end());
  const CommandResult result = run_evently(doctor);
  EXPECT_THAT(result.output, HasSubstr("@evently.internal"));
  EXPECT_EQ(touches("core.service_logins"), -1) << "without reading the row";
}

}  // namespace
}  // namespace evently::testing
