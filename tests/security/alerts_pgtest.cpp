// Requirement J3: outlets hear of an alert once when it opens and once when it closes, over all
// nodes.
#include <gmock/gmock.h>

#include "security/watch_fixture.hpp"

namespace evently::security {
namespace {

using ::testing::ElementsAre;

class Ear final : public AlertOutlet {
 public:
  void tell(const AlertNote& note, TimePoint) override { notes.push_back(note); }
  void tick(TimePoint) override {}
  std::vector<AlertNote> notes;
};

struct HeardNode : Node {
  HeardNode(boost::asio::io_context& io, const testing::MigratedDatabase& database,
            const Clock& clock)
      : Node(io, database, clock, {std::nullopt, {}}) {
    watch.add(ear);
  }
  Ear ear;
};

class AlertsTest : public WatchTest {
 protected:
  void grow_old() {
    superuser.script("test.age",
                     "UPDATE ops.security_alerts SET last_at = now() - interval '16 min'");
    clock.at += 16min;
  }
  void cut_off(bool away) {
    superuser.script("test.away", away ? "ALTER TABLE ops.security_alerts RENAME TO elsewhere"
                                       : "ALTER TABLE ops.elsewhere RENAME TO security_alerts");
  }
  std::size_t heard() const { return one.ear.notes.size() + two.ear.notes.size(); }

  HeardNode one{io, database, clock};
  HeardNode two{io, database, clock};
};

TEST_F(AlertsTest, TenThousandFailuresOnTwoNodesAreOneOpenAndOneCloseNote) {
  for (int round = 0; round < 10; ++round) {
    fail(one, "203.0.113.5", 500);
    fail(two, "203.0.113.5", 500);
    tick(one);
    tick(two);
  }
  ASSERT_EQ(one.ear.notes.size(), 1U);
  EXPECT_TRUE(two.ear.notes.empty());
  const AlertNote opened = one.ear.notes.front();
  EXPECT_EQ(opened.kind, "BRUTE_FORCE_DETECTED");
  EXPECT_EQ(opened.key, "203.0.113.5/32");
  EXPECT_TRUE(opened.is_open);

  grow_old();
  tick(two);
  tick(one);
  tick(two);
  EXPECT_EQ(one.ear.notes.size(), 1U);
  ASSERT_EQ(two.ear.notes.size(), 1U);
  EXPECT_FALSE(two.ear.notes.front().is_open);
  EXPECT_EQ(two.ear.notes.front().key, "203.0.113.5/32");
  EXPECT_GT(two.ear.notes.front().count, 9'900);
}

/// Whom to look for, when the key is a decoy: the newest over all nodes, whoever writes last.
TEST_F(AlertsTest, TellWhoDidItLast) {
  const auto touch = [&](HeardNode& node, const std::string& address) {
    SecurityEvent event;
    event.client_address = address;
    event.detail = "decoy:/api/v1/admin/backup";
    node.queue.observe(std::move(event));
  };
  const auto stored = [&] {
    const auto rows = superuser.run({"test.last", "SELECT last_network FROM ops.security_alerts"});
    EXPECT_EQ(rows.size(), 1);
    return rows[0].find<std::string>("last_network").value_or("none");
  };
  touch(one, "");
  tick(one);
  EXPECT_EQ(stored(), "none");
  EXPECT_FALSE(one.ear.notes.front().last_network);
  touch(one, "203.0.113.5");
  touch(one, "2001:db8::9");
  tick(one);
  EXPECT_EQ(stored(), "2001:db8::/64");
  clock.at += 2s;
  touch(two, "203.0.113.7");
  tick(two);
  EXPECT_EQ(stored(), "203.0.113.7/32");
  touch(two, "");  // of which nothing is known takes nothing away
  tick(two);
  EXPECT_EQ(stored(), "203.0.113.7/32");
  clock.at -= 1s;  // a node that comes late with what was before
  touch(one, "203.0.113.6");
  tick(one);
  EXPECT_EQ(stored(), "203.0.113.7/32");
  clock.at += 1s;
  grow_old();
  tick(two);
  ASSERT_EQ(heard(), 2U);
  const AlertNote& closed = two.ear.notes.empty() ? one.ear.notes.back() : two.ear.notes.back();
  EXPECT_EQ(closed.last_network, "203.0.113.7/32");
}

TEST_F(AlertsTest, AnAlertThatClosedElsewhereOpensAnew) {
  fail(one, "203.0.113.5", 5);
  tick(one);
  superuser.script("test.close", "UPDATE ops.security_alerts SET closed_at = now()");
  fail(one, "203.0.113.5");  // here it never closed
  tick(one);
  EXPECT_EQ(one.ear.notes.size(), 2U);
  EXPECT_EQ(alerts(true), 1);
  EXPECT_EQ(alerts(false), 2);
}

TEST_F(AlertsTest, GoOutWithoutTheDatabaseAndNotAgainWhenItIsBack) {
  cut_off(true);
  fail(one, "203.0.113.5", 5);
  EXPECT_THROW(tick(one), std::exception);
  EXPECT_THROW(tick(one), std::exception);
  EXPECT_THROW(tick(one), std::exception);
  EXPECT_EQ(one.ear.notes.size(), 1U);
  cut_off(false);
  tick(one);
  tick(two);
  EXPECT_EQ(heard(), 1U);
  EXPECT_EQ(alerts(true), 1);

  cut_off(true);  // what is known is not told again
  fail(one, "203.0.113.5");
  EXPECT_THROW(tick(one), std::exception);
  EXPECT_THROW(tick(one), std::exception);
  cut_off(false);
  tick(one);
  EXPECT_EQ(heard(), 1U);
}

TEST_F(AlertsTest, AFloodOfAlertsIsBoundedAndDecoysStillGetThrough) {
  for (int i = 0; i < 2000; ++i) {
    fail(one, "198.18." + std::to_string(i / 200) + "." + std::to_string(i % 200), 5);
  }
  SecurityEvent touched;
  touched.detail = "decoy:/api/v1/admin/backup";
  one.queue.observe(std::move(touched));
  tick(one);
  EXPECT_EQ(one.ear.notes.size(), 61U);
  EXPECT_EQ(std::ranges::count(one.ear.notes, "HONEYTOKEN_TOUCHED", &AlertNote::kind), 1);
  EXPECT_EQ(alerts(true), 1025);
  clock.at += 61s;
  fail(two, "203.0.113.5", 5);
  fail(one, "203.0.113.6", 5);
  tick(one);
  tick(two);
  EXPECT_EQ(one.ear.notes.size(), 61U) << "1,024 are open here: there is no room for another";
  EXPECT_EQ(two.ear.notes.size(), 1U);
}

}  // namespace
}  // namespace evently::security
