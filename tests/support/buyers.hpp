#pragma once

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "support/server_process.hpp"

namespace evently::testing {

/// Somebody who wants `quantity` seats, under one key, however often they must ask.
struct Buyer {
  Buyer(std::string its_token, int seats, std::string its_key)
      : token(std::move(its_token)), quantity(seats), key(std::move(its_key)) {}
  std::string token;
  int quantity;
  std::string key;
  int status = 0;       ///< of the last answer; 0: none ever came
  std::string problem;  ///< code of the last refusal, or kNotConnected
  std::string booking_id;
};

/// The server took no connection, so nothing was asked.
inline constexpr char kNotConnected[] = "not connected";

/// Sends the buyer's one wish, under the buyer's one key. False when no answer came, or one that
/// says to come again.
bool try_to_buy(HttpClient& client, const std::string& event_id, Buyer& buyer);

/// As many people as asked for, with sessions, who want 1, 2, 3, 1, 2, 3 … seats.
std::vector<Buyer> make_buyers(const ServerProcess& server, int people, const std::string& round);

int seats_of(const std::vector<Buyer>& buyers);

/// `evently verify` finds nothing.
void expect_clean_books(const ServerProcess& server);

/// An event of its own in the bench database, made over the operator's import.
std::string import_event(const ServerProcess& server, int seats, const std::string& name);

/// Runs `act(buyer, client)` for all buyers from a few threads, in random order.
template <class Act>
void all_at_once(const ServerProcess& server, std::vector<Buyer>& buyers, Act act) {
  std::vector<Buyer*> order;
  for (Buyer& buyer : buyers) order.push_back(&buyer);
  std::shuffle(order.begin(), order.end(), std::mt19937(7));
  std::atomic<std::size_t> next{0};
  std::vector<std::thread> threads;
  for (int n = 0; n < 16; ++n) {
    threads.emplace_back([&] {
      HttpClient client = server.client();
      for (std::size_t mine = next++; mine < order.size(); mine = next++) act(*order[mine], client);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace evently::testing
