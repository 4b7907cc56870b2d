// Many people, few seats, retries, and a program that is killed in between.
#include <gtest/gtest.h>

#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "support/server_process.hpp"

namespace evently::testing {
namespace {

struct Buyer {
  Buyer(std::string its_token, int seats, std::string its_key)
      : token(std::move(its_token)), quantity(seats), key(std::move(its_key)) {}
  std::string token;
  int quantity;
  std::string key;
  int status = 0;  ///< last answer; 0: none ever came
  std::string booking_id;
};

/// Sends the buyer's one wish, under the buyer's one key. False when no answer came.
bool try_to_buy(HttpClient& client, const std::string& event_id, Buyer& buyer) {
  Headers headers = bearer(buyer.token);
  headers.emplace_back("Idempotency-Key", buyer.key);
  try {
    const Answer answer = client.post("/api/v1/bookings",
                                      R"({"event_id":")" + event_id + R"(","quantity":)" +
                                          std::to_string(buyer.quantity) + "}",
                                      headers);
    buyer.status = answer.status;
    if (answer.status == 201) buyer.booking_id = answer.text("/id");
    return answer.status != 503 && answer.status != 409;
  } catch (const std::runtime_error&) {
    return false;
  }
}

std::vector<Buyer> make_buyers(const ServerProcess& server, int people, const std::string& round) {
  const std::filesystem::path tokens = server.data_dir() / "tokens.txt";
  const CommandResult made = run_evently({"bench", "prepare", "--data-dir", server.data_dir() / "data",
                                          "--users", std::to_string(people), "--events", "1",
                                          "--seats", "1", "--tokens", tokens});
  if (made.exit_code != 0) throw std::runtime_error(made.output);
  std::ifstream in(tokens);
  std::vector<Buyer> buyers;
  std::string id;
  std::string token;
  for (int n = 0; in >> id >> token; ++n) buyers.emplace_back(token, n % 3 + 1, round + "-" + id);
  return buyers;
}

int seats_of(const std::vector<Buyer>& buyers) {
  int seats = 0;
  for (const Buyer& buyer : buyers) seats += buyer.status == 201 ? buyer.quantity : 0;
  return seats;
}

void expect_clean_books(const ServerProcess& server) {
  const CommandResult verified = run_evently({"verify", "--data-dir", server.data_dir() / "data"});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

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

/// An event of its own in the bench database, made over the operator's import.
std::string import_event(const ServerProcess& server, int seats, const std::string& name) {
  const std::filesystem::path file = server.data_dir() / (name + ".ndjson");
  std::ofstream(file) << R"({"name":")" << name << R"(","startDate":"2099-01-01","city":"Bern","capacity":)"
                      << seats << "}\n";
  const CommandResult made =
      run_evently({"import", file, "--data-dir", server.data_dir() / "data"});
  if (made.exit_code != 0) throw std::runtime_error(made.output);
  HttpClient client = server.client();
  for (int n = 0; n < 200; ++n) {  // the list is at most a second old
    const Answer list = client.get("/api/v1/events?q=" + name);
    const auto items = list.json().at("items").as_array();
    if (!items.empty()) return std::string(items[0].at("id").as_string());
    ::poll(nullptr, 0, 25);
  }
  throw std::runtime_error("imported event does not show");
}

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

TEST(BookingRush, LosesNoConfirmationWhenKilled) {
  constexpr int kRounds = 3;  // scripts/chaos runs twenty
  ServerProcess server;
  const std::string event_id = import_event(server, 150, "Chaos");
  std::vector<Buyer> buyers = make_buyers(server, 600, "chaos");
  std::mt19937 random(11);

  for (int round = 0; round < kRounds; ++round) {
    const std::size_t first = buyers.size() * static_cast<std::size_t>(round) / kRounds;
    const std::size_t last = buyers.size() * static_cast<std::size_t>(round + 1) / kRounds;
    std::vector<Buyer> some(buyers.begin() + static_cast<long>(first), buyers.begin() + static_cast<long>(last));
    std::atomic<int> answered{0};
    const int fatal = std::uniform_int_distribution<int>(5, static_cast<int>(some.size()) / 2)(random);
    all_at_once(server, some, [&](Buyer& buyer, HttpClient& client) {
      if (++answered == fatal) ::kill(server.pid(), SIGKILL);
      try_to_buy(client, event_id, buyer);
    });
    server.kill_hard();
    server.start();
    std::copy(some.begin(), some.end(), buyers.begin() + static_cast<long>(first));
  }

  // Every 201 ever seen exists, and every unanswered try resolves by replaying its key.
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    const std::string seen = buyer.booking_id;
    for (int n = 0; n < 50 && !try_to_buy(client, event_id, buyer) && buyer.status != 409; ++n) {
      ::poll(nullptr, 0, 20);
    }
    if (!seen.empty()) {
      EXPECT_EQ(buyer.booking_id, seen);
      EXPECT_EQ(client.get("/api/v1/bookings/" + seen, bearer(buyer.token)).status, 200);
    }
    EXPECT_TRUE(buyer.status == 201 || buyer.status == 409) << buyer.status;
  });
  EXPECT_LE(seats_of(buyers), 150);
  EXPECT_GE(seats_of(buyers), 148);
  expect_clean_books(server);
}

}  // namespace
}  // namespace evently::testing
