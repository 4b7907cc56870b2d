// The wire: statuses, headers, pages. What the desk decides is tested at the desk.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "bookings/booking_routes.hpp"
#include "bookings/desk_fixture.hpp"
#include "platform/http/encoding.hpp"
#include "platform/http/router.hpp"

namespace evently::testing {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

/// Lets in person `authorization`; 1 is the administrator. Rights are the database's business.
class NumberDoor final : public http::Authenticator {
 public:
  std::optional<http::Problem> screen(const http::Request&, const http::Access&) override {
    return {};
  }
  explicit NumberDoor(const postgres::ContextSigner& signer) : signer_(signer) {}
  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access) override {
    const std::string number(request.header("authorization").value_or("0"));
    const Uuid id =
        parse_uuid("00000000-0000-7000-8000-" + std::string(12 - number.size(), '0') + number)
            .value();
    http::Principal principal{id, id, number == "1" ? "admin" : "user", ""};
    principal.context = signer_.sign({id, id, request.request_id, "192.0.2.7"});
    co_return principal;
  }

 private:
  const postgres::ContextSigner& signer_;
};

class BookingRoutesPgTest : public DeskFixture {
 protected:
  BookingRoutesPgTest() { given_people(4); }

  http::Response call(http::Method method, const std::string& target, int caller,
                      const std::string& body = "", Headers headers = {}) {
    http::Request asked;
    asked.method = method;
    asked.target = target;
    const std::size_t mark = std::min(target.find('?'), target.size());
    asked.path = target.substr(0, mark);
    if (mark < target.size()) asked.query = http::parse_query(target.substr(mark + 1)).value();
    asked.headers = std::move(headers);
    asked.headers.emplace_back("authorization", std::to_string(caller));
    if (!body.empty()) asked.headers.emplace_back("content-type", "application/json");
    asked.body = body;
    asked.request_id = "request-of-test";
    asked.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    http::Problem refusal;
    const http::Route* route = router.find(asked, refusal);
    if (route == nullptr) return http::render(refusal);
    try {
      return run_task(io, router.serve(*route, asked));
    } catch (const http::BadRequest& bad) {
      return http::render(bad.problem);
    }
  }
  http::Response get(const std::string& target, int caller) {
    return call(http::Method::Get, target, caller);
  }
  http::Response post(const Uuid& event, int caller, int quantity = 1, Headers headers = {},
                      const std::string& more = "") {
    return call(http::Method::Post, "/api/v1/bookings", caller,
                R"({"event_id":")" + to_string(event) + R"(","quantity":)" +
                    std::to_string(quantity) + more + "}",
                std::move(headers));
  }
  http::Response cancel_at(const std::string& id, int caller) {
    return call(http::Method::Post, "/api/v1/bookings/" + id + "/cancel", caller, "{}");
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
  static std::size_t items(const http::Response& response) {
    return boost::json::parse(response.content()).at("items").as_array().size();
  }

  postgres::Pool user_pool{io, {"application_user", database.conninfo("application_user")}};
  postgres::Pool admin_pool{io, {"application_admin", database.conninfo("application_admin")}};
  bookings::BookingRepository own{user_pool};
  bookings::BookingRepository all{admin_pool};
  json::CursorCodec cursors{std::string(32, 'c')};
  bookings::BookingRoutes routes{desk, own, all, cursors};
  NumberDoor door{signer};
  http::Router router{routes.table(), door};
};

TEST_F(BookingRoutesPgTest, AnswerWithTheBookingAndItsPlace) {
  const auto made = post(given_event(5), 2, 2);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(header(made, "Location"), "/api/v1/bookings/" + text(made, "/id"));
  EXPECT_EQ(text(made, "/total_amount"), "25.00");
  EXPECT_EQ(text(made, "/cancelled_at"), "null");
  EXPECT_EQ(text(made, "/event/venue"), "Hall");
  EXPECT_EQ(get(header(made, "Location"), 2).body, made.body);
}

TEST_F(BookingRoutesPgTest, MarkAReplayedBookingAndAReplayedRefusal) {
  const Uuid event = given_event(1);
  const Headers key{{"idempotency-key", "order-1"}};
  const auto first = post(event, 2, 1, key);
  const auto second = post(event, 2, 1, key);
  EXPECT_EQ(header(first, "Idempotent-Replayed"), "");
  EXPECT_EQ(header(second, "Idempotent-Replayed"), "true");
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(header(second, "Location"), header(first, "Location"));
  EXPECT_EQ(post(event, 3, 1, key).status, 409);
  const auto refused = post(event, 3, 1, key);
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(text(refused, "/code"), "sold_out");
  EXPECT_EQ(header(refused, "Idempotent-Replayed"), "true");
}

TEST_F(BookingRoutesPgTest, RefuseMalformedAndRepeatedKeys) {
  const Uuid event = given_event(5);
  EXPECT_EQ(post(event, 2, 1, {{"idempotency-key", ""}}).status, 400);
  EXPECT_EQ(post(event, 2, 1, {{"idempotency-key", "with space"}}).status, 400);
  EXPECT_EQ(post(event, 2, 1, {{"idempotency-key", std::string(256, 'k')}}).status, 400);
  EXPECT_EQ(post(event, 2, 1, {{"idempotency-key", "a"}, {"idempotency-key", "b"}}).status, 400);
  EXPECT_EQ(post(event, 2, 1, {{"idempotency-key", std::string(255, 'k')}}).status, 201);
}

TEST_F(BookingRoutesPgTest, NameTheMissingPermissionAndTheLiveRole) {
  const auto refused =
      post(given_event(5), 2, 1, {}, R"(,"user_id":")" + to_string(person(3)) + "\"");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/required"), "booking:cancel:any");
  EXPECT_EQ(text(refused, "/user_role"), "user");
}

TEST_F(BookingRoutesPgTest, RefuseQuantitiesOutOfRange) {
  const Uuid event = given_event(5);
  EXPECT_EQ(post(event, 2, 0).status, 400);
  EXPECT_EQ(post(event, 2, 11).status, 400);
}

TEST_F(BookingRoutesPgTest, AnswerOthersBookingsLikeAbsentOnes) {
  const std::string id = text(post(given_event(5), 2), "/id");
  const std::string absent = to_string(make_uuid_v7());
  EXPECT_EQ(get("/api/v1/bookings/" + id, 3).status, 404);
  EXPECT_EQ(get("/api/v1/bookings/" + absent, 3).status, 404);
  EXPECT_EQ(get("/api/v1/bookings/not-an-id", 3).status, 404);
  EXPECT_EQ(cancel_at(id, 3).status, 404);
  EXPECT_EQ(cancel_at(absent, 3).status, 404);
  EXPECT_EQ(get("/api/v1/bookings/" + id, 1).status, 200);
}

TEST_F(BookingRoutesPgTest, CancelTwiceWithTheSameBody) {
  const std::string id = text(post(given_event(5), 2), "/id");
  const auto first = cancel_at(id, 2);
  const auto second = cancel_at(id, 2);
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body, first.body);
  EXPECT_EQ(text(first, "/status"), "cancelled");
  EXPECT_EQ(get("/api/v1/bookings/" + id, 2).body, first.body);
}

TEST_F(BookingRoutesPgTest, CancelNothingWhenAskedForMore) {
  const std::string id = text(post(given_event(5), 2), "/id");
  const std::string path = "/api/v1/bookings/" + id + "/cancel";
  const auto refused = call(http::Method::Post, path, 2, R"({"quantity":1})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(text(refused, "/details/0/code"), "unknown_member");
  EXPECT_EQ(call(http::Method::Post, path, 2, "{").status, 400);
  EXPECT_EQ(text(get("/api/v1/bookings/" + id, 2), "/status"), "confirmed");
  EXPECT_EQ(call(http::Method::Post, path, 2, "").status, 200);
}

TEST_F(BookingRoutesPgTest, ListOwnBookingsNewestFirstPageByPage) {
  const Uuid event = given_event(50);
  std::vector<std::string> made;
  for (int n = 0; n < 5; ++n) made.insert(made.begin(), text(post(event, 2), "/id"));
  post(event, 3);
  std::vector<std::string> seen;
  std::string target = "/api/v1/bookings?limit=2";
  for (int page = 0; page < 3; ++page) {
    const auto listed = get(target, 2);
    ASSERT_EQ(listed.status, 200) << listed.body;
    for (std::size_t n = 0; n < items(listed); ++n)
      seen.push_back(text(listed, "/items/" + std::to_string(n) + "/id"));
    const std::string next = text(listed, "/next_cursor");
    EXPECT_EQ(header(listed, "Link").empty(), next == "null");
    if (next == "null") break;
    target = "/api/v1/bookings?limit=2&cursor=" + next;
    EXPECT_EQ(header(listed, "Link"), "<" + target + ">; rel=\"next\"");
  }
  EXPECT_EQ(seen.size(), 5U);
  EXPECT_TRUE(std::is_permutation(seen.begin(), seen.end(), made.begin(), made.end()));
  EXPECT_TRUE(std::is_sorted(seen.rbegin(), seen.rend()));
}

TEST_F(BookingRoutesPgTest, LetAdministratorsFilterAndNobodyElse) {
  const Uuid one = given_event(50);
  const Uuid other = given_event(50);
  post(one, 2);
  const std::string gone = text(post(one, 3), "/id");
  post(other, 3);
  cancel_at(gone, 3);
  EXPECT_EQ(items(get("/api/v1/bookings", 1)), 3U);
  EXPECT_EQ(items(get("/api/v1/bookings?event_id=" + to_string(one), 1)), 2U);
  EXPECT_EQ(items(get("/api/v1/bookings?user_id=" + to_string(person(3)), 1)), 2U);
  EXPECT_EQ(
      items(get(
          "/api/v1/bookings?user_id=" + to_string(person(3)) + "&event_id=" + to_string(other), 1)),
      1U);
  EXPECT_EQ(items(get("/api/v1/bookings?status=cancelled", 1)), 1U);
  EXPECT_EQ(get("/api/v1/bookings?user_id=" + to_string(person(3)), 2).status, 400);
  EXPECT_EQ(items(get("/api/v1/bookings?event_id=" + to_string(one), 2)), 1U);
}

TEST_F(BookingRoutesPgTest, RefuseAForeignCursor) {
  EXPECT_EQ(get("/api/v1/bookings?cursor=abc", 2).status, 400);
  const std::string other_list =
      json::CursorCodec(std::string(32, 'c')).encode("events", {to_string(make_uuid_v7())});
  EXPECT_EQ(get("/api/v1/bookings?cursor=" + other_list, 2).status, 400);
}

TEST_F(BookingRoutesPgTest, ShowABookingWhoseEventIsADraftAgain) {
  const Uuid event = given_event(5);
  const std::string id = text(post(event, 2), "/id");
  arrange("UPDATE core.events SET status = 'draft'");
  EXPECT_EQ(get("/api/v1/bookings/" + id, 2).status, 200);
}

TEST_F(BookingRoutesPgTest, ShowATotalLargerThanAnyPrice) {
  const Uuid event = given_event(20, "price = 9999999999.99");
  const auto made = post(event, 2, 10);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(text(made, "/total_amount"), "99999999999.90");
  EXPECT_EQ(get("/api/v1/bookings/" + text(made, "/id"), 2).status, 200);
}

}  // namespace
}  // namespace evently::testing
