#include "support/buyers.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <boost/json.hpp>
#include <fstream>
#include <stdexcept>

namespace evently::testing {

bool try_to_buy(HttpClient& client, const std::string& event_id, Buyer& buyer) {
  Headers headers = bearer(buyer.token);
  headers.emplace_back("Idempotency-Key", buyer.key);
  try {
    const Answer answer = client.post(
        "/api/v1/bookings",
        R"({"event_id":")" + event_id + R"(","quantity":)" + std::to_string(buyer.quantity) + "}",
        headers);
    buyer.status = answer.status;
    buyer.problem = answer.status == 201 ? "" : answer.text("/code");
    if (answer.status == 201) buyer.booking_id = answer.text("/id");
    return answer.status != 503 && answer.status != 409;
  } catch (const NotConnected&) {
    buyer.problem = kNotConnected;
    return false;
  } catch (const std::runtime_error&) {
    buyer.problem.clear();
    return false;
  }
}

std::vector<Buyer> make_buyers(const ServerProcess& server, int people, const std::string& round) {
  const std::filesystem::path tokens = server.data_dir() / "tokens.txt";
  const CommandResult made =
      run_evently({"bench", "prepare", "--data-dir", server.data(), "--users",
                   std::to_string(people), "--events", "1", "--seats", "1", "--tokens", tokens});
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
  const CommandResult verified = run_evently({"verify", "--data-dir", server.data()});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

std::string import_event(const ServerProcess& server, int seats, const std::string& name) {
  const std::filesystem::path file = server.data_dir() / (name + ".ndjson");
  std::ofstream(file) << R"({"name":")" << name
                      << R"(","startDate":"2099-01-01","city":"Bern","capacity":)" << seats
                      << "}\n";
  const CommandResult made = run_evently({"import", file, "--data-dir", server.data()});
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

}  // namespace evently::testing
