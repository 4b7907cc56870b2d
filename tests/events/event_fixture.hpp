#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "events/event_routes.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/router.hpp"
#include "platform/http/wire/response_writer.hpp"
#include "platform/postgres/signed_context.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"
#include "support/run_task.hpp"

namespace evently::testing {

constexpr char kAdmin[] = "00000000-0000-7000-8000-0000000000ad";
constexpr char kPerson[] = "00000000-0000-7000-8000-0000000000be";

/// Lets in whoever names one of the two people of the fixture. What they may do is the database's
/// business, so the tests see that it judges by itself.
class NameDoor final : public http::Authenticator {
 public:
  std::optional<http::Problem> screen(const http::Request&, const http::Access&) override {
    return {};
  }
  explicit NameDoor(const postgres::ContextSigner& signer) : signer_(signer) {}

  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access) override {
    const auto name = request.header("authorization").value_or("");
    if (name != "admin" && name != "person") co_return http::authentication_required();
    const Uuid id = parse_uuid(name == "admin" ? kAdmin : kPerson).value();
    http::Principal principal{id, id, name == "admin" ? "admin" : "user", ""};
    principal.context = signer_.sign({id, id, request.request_id, "192.0.2.7"});
    co_return principal;
  }

 private:
  const postgres::ContextSigner& signer_;
};

using Headers = std::vector<std::pair<std::string, std::string>>;

/// One node's events slice on a database of its own, asked through the router without a socket.
class EventFixture : public ::testing::Test {
 protected:
  EventFixture() {
    arrange(
        "INSERT INTO core.users (id, email, email_lookup, name, role) VALUES"
        " ('00000000-0000-7000-8000-0000000000ad', 'a@example.org', sha256('a'), 'Ada', 'admin'),"
        " ('00000000-0000-7000-8000-0000000000be', 'b@example.org', sha256('b'), 'Bob', 'user');"
        "INSERT INTO sec.sessions (id, user_id, expires_at)"
        " SELECT id, id, now() + interval '1 day' FROM core.users");
  }

  void arrange(const std::string& sql) { superuser.script("test.arrange", sql); }

  http::Request request(http::Method method, const std::string& target, Headers headers,
                        const std::string& body) {
    http::Request asked;
    asked.method = method;
    asked.target = target;
    const std::size_t mark = std::min(target.find('?'), target.size());
    asked.path = target.substr(0, mark);
    if (mark < target.size()) asked.query = http::parse_query(target.substr(mark + 1)).value();
    asked.headers = std::move(headers);
    if (!body.empty()) asked.headers.emplace_back("content-type", "application/json");
    asked.body = body;
    asked.request_id = "request-of-test";
    asked.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    return asked;
  }

  Task<http::Response> begin(http::Request asked) {
    http::Problem refusal;
    const http::Route* route = router->find(asked, refusal);
    if (route == nullptr) co_return http::render(refusal);
    try {
      http::Response response = co_await router->serve(*route, asked);
      http::negotiate(asked, response);
      co_return response;
    } catch (const http::BadRequest& bad) {
      co_return http::render(bad.problem);
    }
  }

  http::Response call(http::Method method, const std::string& target, Headers headers = {},
                      const std::string& body = "") {
    return run_task(io, begin(request(method, target, std::move(headers), body)));
  }
  http::Response get(const std::string& target, Headers headers = {}) {
    return call(http::Method::Get, target, std::move(headers));
  }
  http::Response post(const std::string& body, Headers headers = {{"authorization", "admin"}}) {
    return call(http::Method::Post, "/api/v1/events", std::move(headers), body);
  }
  http::Response patch(const std::string& id, const std::string& body,
                       const std::string& if_match) {
    Headers headers{{"authorization", "admin"}};
    if (!if_match.empty()) headers.emplace_back("if-match", if_match);
    return call(http::Method::Patch, "/api/v1/events/" + id, std::move(headers), body);
  }
  http::Response remove(const std::string& id) {
    return call(http::Method::Delete, "/api/v1/events/" + id, {{"authorization", "admin"}});
  }
  void refresh() { run_task(io, snapshot.refresh(shown)); }

  /// Creates an event with those members beside the required ones; returns its id.
  std::string given_event(const std::string& name, const std::string& more = "",
                          const std::string& event_date = "2031-05-26T18:00:00Z") {
    const auto made =
        post(R"({"name":")" + name + R"(","venue":"Hall","total_capacity":10,)" +
             R"("event_date":")" + event_date + "\"" + (more.empty() ? "" : "," + more) + "}");
    EXPECT_EQ(made.status, 201) << made.body;
    return text(made, "/id");
  }
  /// Books so many seats of an event behind the program's back.
  void given_booking(const std::string& event_id, int seats) {
    const std::string n = std::to_string(seats);
    arrange(
        "INSERT INTO core.bookings (id, booking_reference, event_id, user_id, quantity, "
        "total_amount, currency)"
        " VALUES (gen_random_uuid(), md5(random()::text), '" +
        event_id + "', '" + kPerson + "', " + n +
        ", 0, 'EUR');"
        "UPDATE core.event_inventory SET available = available - " +
        n + " WHERE event_id = '" + event_id + "'");
  }

  static std::string text(const http::Response& response, std::string_view pointer) {
    boost::system::error_code absent;
    const auto document = boost::json::parse(response.content());
    const auto* value = document.find_pointer(pointer, absent);
    if (value == nullptr) return "";
    return value->is_string() ? std::string(value->get_string()) : boost::json::serialize(*value);
  }
  static std::string header(const http::Response& response, std::string_view name) {
    for (const auto& [key, value] : response.headers) {
      if (key == name) return value;
    }
    return "";
  }
  static std::vector<std::string> names(const http::Response& response) {
    std::vector<std::string> found;
    const auto document = boost::json::parse(response.content());
    for (const auto& item : document.at("items").as_array()) {
      found.emplace_back(item.at("name").as_string());
    }
    return found;
  }

  boost::asio::io_context io;
  MigratedDatabase database;
  postgres::SyncConnection superuser{database.superuser_conninfo()};
  SystemClock clock;
  postgres::ContextSigner signer{1, MigratedDatabase::context_key(), clock};
  postgres::Pool public_pool{io, {"application_public", database.conninfo("application_public")}};
  postgres::Pool admin_pool{io, {"application_admin", database.conninfo("application_admin")}};
  events::EventRepository shown{public_pool};
  events::EventRepository edited{admin_pool};
  events::EventSnapshot snapshot;
  json::CursorCodec cursors{std::string(32, 'c')};
  events::EventService service{shown, edited, snapshot};
  events::EventRoutes routes{service, snapshot, cursors};
  NameDoor door{signer};
  std::unique_ptr<http::Router> router = std::make_unique<http::Router>(routes.table(), door);
};

}  // namespace evently::testing
