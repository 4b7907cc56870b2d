#include "support/booking_wish.hpp"

namespace evently::testing {

BookingWish make_booking_wish(ServerProcess& server) {
  HttpClient client = server.client();
  const std::string event = create_event(client, make_administrator(server), 9);
  BookingWish wish;
  wish.person = register_person(client);
  wish.body = R"({"event_id":")" + event + R"(","quantity":1})";
  wish.plain = wish.keyed = bearer(wish.person.token);
  wish.keyed.emplace_back("Idempotency-Key", "one-order");
  return wish;
}

}  // namespace evently::testing
