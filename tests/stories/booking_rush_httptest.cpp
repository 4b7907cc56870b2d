// Many people, few seats, retries (requirement I9); booking_chaos_httptest.cpp kills in between.
#include <gtest/gtest.h>

#include <atomic>

#include "support/buyers.hpp"

namespace evently::testing {
namespace {

TEST(BookingRush, SellsExactlyTheSeatsThereAre) {
  ServerProcess server;
  const std::string event_id = import_event(server, 500, "Rush");
  std::vector<Buyer> buyers = make_buyers(server, 2000, "rush");

  std::atomic<int> server_errors{0};
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    try_to_buy(client, event_id, buyer);
    if (buyer.status >= 500) ++server_errors;
    if (buyer.status == 201 && buyer.quantity == 2) {  // a nervous person presses twice
      const std::string first = buyer.booking_id;
      try_to_buy(client, event_id, buyer);
      EXPECT_EQ(buyer.booking_id, first);
    }
  });
  // What is left by then is a seat or two that only a larger wish wanted.
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    if (buyer.status == 201) return;
    Buyer smaller(buyer.token, 1, buyer.key + "-one");
    try_to_buy(client, event_id, smaller);
    if (smaller.status == 201) buyer = smaller;
  });

  EXPECT_EQ(server_errors, 0);
  EXPECT_EQ(seats_of(buyers), 500);
  expect_clean_books(server);
}

}  // namespace
}  // namespace evently::testing
