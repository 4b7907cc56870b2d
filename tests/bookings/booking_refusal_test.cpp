#include "bookings/booking_refusal.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace evently::bookings {
namespace {

using Kind = BookingRefusal::Kind;

BookingRefusal refusal(Kind kind) {
  BookingRefusal refused;
  refused.kind = kind;
  refused.event_id = parse_uuid("00000000-0000-7000-8000-0000000000e1").value();
  return refused;
}

boost::json::value document(const BookingRefusal& refused) {
  return boost::json::parse(http::render(to_problem(refused)).body);
}

TEST(BookingRefusal, TellsHowManySeatsAreLeftAndWhereToWait) {
  BookingRefusal few = refusal(Kind::InsufficientSeats);
  few.available = 2;
  const auto body = document(few);
  EXPECT_EQ(body.at("status").to_number<int>(), 409);
  EXPECT_EQ(body.at("code").as_string(), "insufficient_seats");
  EXPECT_EQ(body.at("available_seats").to_number<int>(), 2);
  EXPECT_EQ(body.at("waitlist_url").as_string(),
            "/api/v1/events/00000000-0000-7000-8000-0000000000e1/waitlist");
}

TEST(BookingRefusal, IsSoldOutWithNoSeats) {
  const auto body = document(refusal(Kind::SoldOut));
  EXPECT_EQ(body.at("code").as_string(), "sold_out");
  EXPECT_EQ(body.at("available_seats").to_number<int>(), 0);
}

TEST(BookingRefusal, TellsWhySalesAreClosedAndWhenTheyOpen) {
  BookingRefusal early = refusal(Kind::NotBookable);
  early.reason = "sale_not_started";
  early.sale_starts_at = parse_rfc3339("2027-01-01T09:00:00Z");
  const auto body = document(early);
  EXPECT_EQ(body.at("code").as_string(), "event_not_bookable");
  EXPECT_EQ(body.at("reason").as_string(), "sale_not_started");
  EXPECT_EQ(body.at("sale_starts_at").as_string(), "2027-01-01T09:00:00Z");
}

TEST(BookingRefusal, TellsThePersonalLimitAndWhatIsBooked) {
  BookingRefusal greedy = refusal(Kind::PurchaseLimit);
  greedy.limit = 4;
  greedy.already_booked = 3;
  const auto body = document(greedy);
  EXPECT_EQ(body.at("code").as_string(), "purchase_limit");
  EXPECT_EQ(body.at("limit").to_number<int>(), 4);
  EXPECT_EQ(body.at("already_booked").to_number<int>(), 3);
}

TEST(BookingRefusal, NamesThePermissionAndTheRole) {
  BookingRefusal forbidden = refusal(Kind::Forbidden);
  forbidden.required = "booking:cancel:any";
  forbidden.role = "user";
  const auto body = document(forbidden);
  EXPECT_EQ(body.at("status").to_number<int>(), 403);
  EXPECT_EQ(body.at("required").as_string(), "booking:cancel:any");
  EXPECT_EQ(body.at("user_role").as_string(), "user");
}

TEST(BookingRefusal, AsksToComeBackWhileTheKeyIsInFlight) {
  const http::Response response = http::render(to_problem(refusal(Kind::KeyInFlight)));
  EXPECT_EQ(response.status, 409);
  EXPECT_TRUE(std::any_of(response.headers.begin(), response.headers.end(),
                          [](const auto& header) { return header.first == "Retry-After"; }));
}

TEST(BookingRefusal, HasTheStatusOfItsKind) {
  EXPECT_EQ(to_problem(refusal(Kind::Denied)).status, 401);
  EXPECT_EQ(to_problem(refusal(Kind::NotFound)).status, 404);
  EXPECT_EQ(to_problem(refusal(Kind::KeyMismatch)).status, 422);
}

}  // namespace
}  // namespace evently::bookings
