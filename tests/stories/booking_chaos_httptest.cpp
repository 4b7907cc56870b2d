// Many people, few seats, and a program and a database that are killed in between (requirement I9).
// EVENTLY_CHAOS_ROUNDS, _PEOPLE and _SEATS make it longer: scripts/chaos.
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "support/buyers.hpp"
#include "support/scratch_folder.hpp"

namespace evently::testing {
namespace {

constexpr int kRetries = 100;
constexpr int kRetryPauseMs = 50;

int from_environment(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// What happens when so many tries have begun.
struct Blow {
  int at;
  const char* what;
};

pid_t postmaster(const ServerProcess& server) {
  return std::atoi(read_text(server.data() / "postgres/postmaster.pid").c_str());
}

/// SIGQUIT is what `pg_ctl stop -m immediate` sends.
void strike(const ServerProcess& server, const std::string& what) {
  const pid_t target = what == "evently -9" ? server.pid() : postmaster(server);
  if (target > 1) ::kill(target, what == "postgres immediate" ? SIGQUIT : SIGKILL);
}

/// The program once, while seats are left (two a person), for nobody is served after it; the
/// database twice, in both manners, at any moment before.
std::array<Blow, 3> draw_blows(int seats, std::mt19937& random) {
  const int end = std::uniform_int_distribution<int>(seats / 8, seats / 2)(random);
  std::uniform_int_distribution<int> before(1, end);
  return {{{before(random), "postgres immediate"},
           {before(random), "postgres -9"},
           {end, "evently -9"}}};
}

bool is_settled(const Buyer& buyer) {
  return buyer.status == 201 || buyer.problem == "sold_out" ||
         buyer.problem == "insufficient_seats";
}

/// Replays the buyer's key until there is an answer to keep.
void settle(HttpClient& client, const std::string& event_id, Buyer& buyer) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < limit) {
    try_to_buy(client, event_id, buyer);
    if (is_settled(buyer)) return;
    ::poll(nullptr, 0, 20);
  }
  ADD_FAILURE() << "never settled: " << buyer.status << " " << buyer.problem;
}

/// Everybody tries, and again while the database is away, as long as there is a program to ask.
/// The blows fall among them.
void race(ServerProcess& server, const std::string& event_id, std::vector<Buyer>& buyers,
          const std::array<Blow, 3>& blows) {
  std::atomic<int> begun{0};
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    const int mine = ++begun;
    for (const Blow& blow : blows) {
      if (blow.at == mine) strike(server, blow.what);
    }
    for (int n = 0; n < kRetries && !is_settled(buyer) && buyer.problem != kNotConnected; ++n) {
      if (n > 0) ::poll(nullptr, 0, kRetryPauseMs);
      try_to_buy(client, event_id, buyer);
    }
  });
}

/// What was confirmed is still there, what was not answered gets its answer.
void expect_nothing_lost(const ServerProcess& server, const std::string& event_id,
                         std::vector<Buyer>& buyers) {
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    const std::string seen = buyer.booking_id;
    settle(client, event_id, buyer);
    if (seen.empty()) return;
    EXPECT_EQ(buyer.booking_id, seen);
    EXPECT_EQ(client.get("/api/v1/bookings/" + seen, bearer(buyer.token)).status, 200);
  });
}

/// A seat or two may be left that only a larger wish wanted.
void sell_the_rest(const ServerProcess& server, const std::string& event_id,
                   std::vector<Buyer>& buyers) {
  all_at_once(server, buyers, [&](Buyer& buyer, HttpClient& client) {
    if (buyer.status == 201) return;
    Buyer smaller(buyer.token, 1, buyer.key + "-one");
    settle(client, event_id, smaller);
    if (smaller.status == 201) buyer = smaller;
  });
}

TEST(BookingChaos, LosesNoConfirmationAndSellsNoSeatTwice) {
  const int rounds = from_environment("EVENTLY_CHAOS_ROUNDS", 2);
  const int people = from_environment("EVENTLY_CHAOS_PEOPLE", 600);
  const int seats = from_environment("EVENTLY_CHAOS_SEATS", 150);
  const auto seed = static_cast<unsigned>(from_environment("EVENTLY_CHAOS_SEED", 11));
  std::mt19937 random(seed);
  ServerProcess server;
  const std::vector<Buyer> everybody = make_buyers(server, people, "chaos");

  for (int round = 1; round <= rounds; ++round) {
    const std::string event_id = import_event(server, seats, "Chaos" + std::to_string(round));
    std::vector<Buyer> buyers = everybody;
    for (Buyer& buyer : buyers) buyer.key += "-" + std::to_string(round);
    const auto blows = draw_blows(seats, random);
    race(server, event_id, buyers, blows);
    const auto seen = seats_of(buyers);
    const auto open = std::ranges::count_if(buyers, [](const Buyer& b) { return !is_settled(b); });
    server.kill_hard();
    server.start();
    expect_nothing_lost(server, event_id, buyers);
    sell_the_rest(server, event_id, buyers);
    EXPECT_EQ(seats_of(buyers), seats) << "round " << round << ", seed " << seed;
    std::printf("round %d:", round);
    for (const Blow& blow : blows) std::printf(" %s at try %d,", blow.what, blow.at);
    std::printf(" %d seats confirmed before, %d tries open, %d seats sold in the end\n", seen,
                static_cast<int>(open), seats_of(buyers));
    std::fflush(stdout);
  }
  expect_clean_books(server);
}

}  // namespace
}  // namespace evently::testing
