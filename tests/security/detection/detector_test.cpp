// Requirement E8 and J2, J3: every detector under a clock of ours.
#include "security/detection/detector.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <regex>

#include "security/detection/event_queue.hpp"
#include "security/detection/event_tally.hpp"
#include "security/detection/incidents.hpp"
#include "security/detection/request_meter.hpp"
#include "security/detection/session_networks.hpp"

namespace evently::security {
namespace {

using observability::SecurityEvent;
using observability::SecurityEventType;
using namespace std::chrono_literals;

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";
const TimePoint kStart = parse_rfc3339("2026-11-25T09:00:00Z").value();

SecurityEvent failure(const std::string& address, const std::string& account = "a",
                      const std::string& secret = "s") {
  SecurityEvent event;
  event.type = SecurityEventType::SignInFailed;
  event.client_address = address;
  event.account = account;
  event.secret = secret;
  return event;
}

SecurityEvent event_of(SecurityEventType type, const std::string& address,
                       const std::string& detail = "", const std::string& secret = "") {
  SecurityEvent event;
  event.type = type;
  event.client_address = address;
  event.detail = detail;
  event.secret = secret;
  return event;
}

int found(const std::vector<Finding>& findings, AlertKind kind, const std::string& key) {
  return static_cast<int>(std::count_if(findings.begin(), findings.end(), [&](const Finding& one) {
    return one.kind == kind && one.key == key;
  }));
}

std::string address(int i) {
  return "198.51." + std::to_string(i / 250) + "." + std::to_string(i % 250);
}

TEST(Detector, NamesTheNetworkThatDidIt) {
  Detector detector;
  const auto touched = detector.take(
      event_of(SecurityEventType::SuspiciousRequest, "2001:db8::1", "decoy:/x"), kStart);
  ASSERT_EQ(touched.size(), 1U);
  EXPECT_EQ(touched.front().network, "2001:db8::/64");
  std::vector<Finding> spraying;
  for (int i = 0; i < 10; ++i) {
    spraying = detector.take(failure(address(i), "account" + std::to_string(i)), kStart);
  }
  ASSERT_EQ(spraying.size(), 1U);
  EXPECT_EQ(spraying.front().kind, AlertKind::PasswordSpraying);
  EXPECT_EQ(spraying.front().network, address(9) + "/32");
}

TEST(Detector, FindsTheFifthFailureOfANetworkWithinAQuarterOfAnHour) {
  Detector detector;
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(found(detector.take(failure("2001:db8::1"), kStart + i * 1min),
                    AlertKind::BruteForceDetected, "2001:db8::/64"),
              0);
  }
  EXPECT_EQ(found(detector.take(failure("2001:db8::ffff"), kStart + 14min),
                  AlertKind::BruteForceDetected, "2001:db8::/64"),
            1);
  EXPECT_TRUE(detector.take(failure("2001:db8:0:1::1"), kStart + 14min).empty());
}

TEST(Detector, LetsFailuresAgeOut) {
  Detector detector;
  for (int i = 0; i < 20; ++i) {
    EXPECT_TRUE(detector.take(failure("192.0.2.1"), kStart + i * 4min).empty()) << i;
  }
}

TEST(Detector, SuccessesAreNoFailures) {
  Detector detector;
  for (int i = 0; i < 100; ++i) {
    auto event = failure("192.0.2.1");
    event.type = SecurityEventType::SignInSucceeded;
    EXPECT_TRUE(detector.take(event, kStart).empty());
  }
}

TEST(Detector, FindsOnePasswordTriedOnManyAccounts) {
  Detector detector;
  for (int i = 0; i < 9; ++i) {
    const auto findings =
        detector.take(failure(address(i), "account" + std::to_string(i), "p"), kStart);
    EXPECT_EQ(found(findings, AlertKind::PasswordSpraying, "p"), 0);
  }
  EXPECT_EQ(found(detector.take(failure(address(8), "account8", "p"), kStart),
                  AlertKind::PasswordSpraying, "p"),
            0);  // the same account again
  EXPECT_EQ(found(detector.take(failure(address(9), "account9", "p"), kStart + 59min),
                  AlertKind::PasswordSpraying, "p"),
            1);
}

TEST(Detector, FindsManyNetworksOnOneAccount) {
  Detector detector;
  for (int i = 0; i < 10; ++i) {
    const auto findings =
        detector.take(failure(address(i), "victim", std::to_string(i)), kStart + i * 1min);
    EXPECT_EQ(found(findings, AlertKind::AccountTargeted, "victim"), i == 9 ? 1 : 0);
  }
}

TEST(Detector, FindsATokenUsedInTwoNetworksButNotOneThatMoved) {
  Detector detector;
  SessionNetworks sessions(kSecret);
  const auto use = [&](const std::string& session, const std::string& from) {
    if (!sessions.moved(session, from)) return 0;
    const auto event =
        event_of(SecurityEventType::TokenMisuse, from, std::string(kNetworkDetail), session);
    return found(detector.take(event, kStart), AlertKind::TokenReplay, session);
  };
  EXPECT_EQ(use("phone", "192.0.2.1"), 0);
  EXPECT_EQ(use("phone", "203.0.113.1"), 0);
  EXPECT_EQ(use("phone", "203.0.113.1"), 0);
  EXPECT_EQ(use("stolen", "192.0.2.1"), 0);
  EXPECT_EQ(use("stolen", "198.51.100.7"), 0);
  EXPECT_EQ(use("stolen", "192.0.2.1"), 1);
}

TEST(Detector, FindsIdsTriedInARow) {
  Detector detector;
  for (int i = 1; i <= 30; ++i) {
    const auto event =
        event_of(SecurityEventType::SuspiciousRequest, "192.0.2.9", std::string(kMissingIdDetail));
    EXPECT_EQ(found(detector.take(event, kStart), AlertKind::IdEnumeration, "192.0.2.9/32"),
              i == 30 ? 1 : 0);
  }
}

TEST(Detector, FindsATouchedDecoyAndAFloodAtOnce) {
  Detector detector;
  EXPECT_EQ(found(detector.take(event_of(SecurityEventType::SuspiciousRequest, "192.0.2.9",
                                         "decoy:/api/v1/admin/backup"),
                                kStart),
                  AlertKind::HoneytokenTouched, "/api/v1/admin/backup"),
            1);
  EXPECT_EQ(found(detector.take(event_of(SecurityEventType::SuspiciousRequest, "192.0.2.9",
                                         std::string(kFloodDetail)),
                                kStart),
                  AlertKind::PossibleDdos, "192.0.2.9/32"),
            1);
}

TEST(Detector, FindsTheDecoysAddressAndItsPasswordEachAlone) {
  Detector detector({"00aa", "11bb"});
  const auto touches = [&](const std::string& account, const std::string& secret) {
    auto event = event_of(SecurityEventType::SignInFailed, "192.0.2.9", "");
    event.account = account;
    event.secret = secret;
    return found(detector.take(event, kStart), AlertKind::HoneytokenTouched, "service_login");
  };
  EXPECT_EQ(touches("00aa", "22cc"), 1);
  EXPECT_EQ(touches("33dd", "11bb"), 1);
  EXPECT_EQ(touches("33dd", "22cc"), 0);
  EXPECT_EQ(touches("", ""), 0);
}

TEST(RecentMarks, AHundredThousandKeysNeitherGrowItNorHideABusyOne) {
  RecentMarks marks(1024, 900s);
  for (int i = 0; i < 100'000; ++i) {
    marks.add(static_cast<std::uint64_t>(i) * 0x9e3779b97f4a7c15U, 1, kStart);
    if (i % 20 == 0) marks.add(42, static_cast<std::uint64_t>(i), kStart);
  }
  EXPECT_EQ(marks.add(42, 7, kStart), RecentMarks::kMostMarks);
}

TEST(RequestMeter, TellsTheThousandthRequestOfAMinuteOnce) {
  RequestMeter meter(kSecret, 1000);
  const auto now = std::chrono::steady_clock::time_point(1h);
  int told = 0;
  for (int i = 0; i < 999; ++i) told += meter.count("192.0.2.1", now) ? 1 : 0;
  for (int i = 0; i < 500; ++i) told += meter.count("192.0.2.2", now) ? 1 : 0;
  EXPECT_EQ(told, 0);
  for (int i = 0; i < 5000; ++i) told += meter.count("192.0.2.1", now) ? 1 : 0;
  EXPECT_EQ(told, 1);
  for (int i = 0; i < 999; ++i) told += meter.count("192.0.2.1", now + 1min) ? 1 : 0;
  EXPECT_EQ(told, 1);
}

TEST(Incidents, TenThousandFindingsAreOneOpenAndOneClose) {
  Incidents incidents;
  int opened = 0;
  for (int i = 0; i < 10'000; ++i) {
    const Finding finding{AlertKind::BruteForceDetected, "192.0.2.1/32"};
    opened += incidents.add(finding, kStart + i * 1s) != nullptr ? 1 : 0;
  }
  EXPECT_EQ(opened, 1);
  EXPECT_EQ(incidents.take_unwritten().at(0).unwritten, 10'000);
  EXPECT_TRUE(incidents.close_quiet(kStart + 10'000s + 14min).empty());
  const auto closed = incidents.close_quiet(kStart + 10'000s + 15min);
  ASSERT_EQ(closed.size(), 1U);
  EXPECT_EQ(closed[0].count, 10'000);
  EXPECT_TRUE(incidents.close_quiet(kStart + 20'000s).empty());
}

TEST(Incidents, AreBounded) {
  Incidents incidents;
  for (int i = 0; i < 5000; ++i) {
    incidents.add({AlertKind::IdEnumeration, std::to_string(i)}, kStart);
  }
  EXPECT_EQ(incidents.open(), Incidents::kMostOpen);
  EXPECT_EQ(incidents.left_out(), 5000 - Incidents::kMostOpen);
}

TEST(EventTally, AFloodFromEverywhereIsAThousandRowsAndOneMore) {
  EventTally tally;
  for (int i = 0; i < 20'000; ++i) tally.add(failure(address(i % 5000)), kStart + i * 1ms);
  const auto rows = tally.drain();
  EXPECT_EQ(rows.size(), EventTally::kKeysPerMinute + 1);
  std::int64_t sum = 0;
  for (const TallyRow& row : rows) sum += row.count;
  EXPECT_EQ(sum, 20'000);
  EXPECT_TRUE(tally.drain().empty());
  tally.put_back(rows, kStart);
  EXPECT_EQ(tally.drain().size(), rows.size());
  tally.put_back(rows, kStart + 2h);
  EXPECT_TRUE(tally.drain().empty());
}

TEST(EventQueue, IsBoundedAndCountsWhatItDrops) {
  EventQueue queue;
  for (std::size_t i = 0; i < EventQueue::kRoom + 10; ++i) queue.observe(failure("192.0.2.1"));
  EXPECT_EQ(queue.dropped(), 10U);
  EXPECT_EQ(queue.seen()[1], EventQueue::kRoom + 10);
  EXPECT_EQ(queue.drain().size(), EventQueue::kRoom);
  EXPECT_TRUE(queue.drain().empty());
}

TEST(Rules, AreTheTableOfTheDocument) {
  std::ifstream in(EVENTLY_SOURCE_DIR "/docs/detection.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  for (const Rule& rule : kRules) {
    const std::string row = "| `" + std::string(rule.name) + "` | " + std::string(rule.key) +
                            " | " + std::string(rule.counts) + " | " +
                            std::to_string(rule.threshold) + " | " +
                            std::to_string(rule.window.count()) + " s |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace evently::security
