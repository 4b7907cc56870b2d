// SIGTERM while people book (requirement I11): what was begun is finished, nothing is cut.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <atomic>
#include <chrono>

#include "support/buyers.hpp"

namespace evently::testing {
namespace {

TEST(DrainUnderLoad, LosesNoAnswerAndEndsInTime) {
  ServerProcess server;
  const std::string event_id = import_event(server, 5000, "Closing");
  std::vector<Buyer> buyers = make_buyers(server, 2000, "drain");

  std::atomic<int> begun{0};
  std::atomic<int> cut{0};
  std::atomic<std::int64_t> asked_at{0};
  const auto now = [] { return std::chrono::steady_clock::now().time_since_epoch().count(); };
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    if (++begun == 500) {
      asked_at = now();
      ::kill(server.pid(), SIGTERM);
    }
    try_to_buy(client, event_id, buyer);
    if (buyer.status == 0 && buyer.problem != kNotConnected) ++cut;
    EXPECT_TRUE(buyer.status == 201 || buyer.status == 0 || buyer.status == 503) << buyer.status;
  });
  EXPECT_EQ(server.stop(), 0);
  const std::chrono::nanoseconds took(now() - asked_at);
  EXPECT_LE(took, std::chrono::seconds(10));
  EXPECT_EQ(cut, 0) << "connections that were cut with a request under way";
  EXPECT_GE(seats_of(buyers), 500);

  server.start();
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    if (buyer.status != 201) return;
    EXPECT_EQ(client.get("/api/v1/bookings/" + buyer.booking_id, bearer(buyer.token)).status, 200);
  });
  expect_clean_books(server);
}

/// A request that has arrived in part is under way: it holds the drain, which the operations port
/// shows meanwhile.
TEST(DrainUnderLoad, IsSeenAsNotReadyOnTheOperationsPort) {
  ServerProcess server;
  HttpClient operations(server.operations_port());
  EXPECT_EQ(operations.get("/health/ready").status, 200);
  SlowRequest slow(server.port());
  ::kill(server.pid(), SIGTERM);
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  Answer ready = operations.get("/health/ready");
  while (ready.status == 200 && std::chrono::steady_clock::now() < limit) {
    ::poll(nullptr, 0, 5);
    ready = operations.get("/health/ready");
  }
  EXPECT_EQ(ready.status, 503);
  EXPECT_EQ(ready.text("/status"), "draining");
  EXPECT_EQ(operations.get("/health/live").status, 200);
  EXPECT_EQ(slow.finish(), 200);
  EXPECT_EQ(server.stop(), 0);
}

}  // namespace
}  // namespace evently::testing
