#include "bookings/booking_statements.hpp"

#include "bookings/booking_repository.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::bookings {

constinit const postgres::Statement kBook{
    "bookings.book",
    "SELECT i, outcome, booking_id, booking_reference, user_id, total_amount, currency, created_at,"
    " available, max_per_user, already, reason, sale_starts_at, event_name, event_date, venue"
    " FROM core.book($1, $2, $3, $4, $5, $6, $7, $8, $9)"};
constinit const postgres::Statement kCancel{
    "bookings.cancel",
    "SELECT i, outcome, booking_id, booking_reference, event_id, user_id, quantity, total_amount, currency, status, created_at, cancelled_at,"
    " event_name, event_date, venue FROM core.cancel($1, $2)"};

namespace {

using Column = std::vector<std::optional<std::string>>;
using Kind = BookingRefusal::Kind;

Kind kind_of(const std::string& outcome) {
  if (outcome == "denied") return Kind::Denied;
  if (outcome == "forbidden") return Kind::Forbidden;
  if (outcome == "event_not_found" || outcome == "booking_not_found") return Kind::NotFound;
  if (outcome == "event_not_bookable") return Kind::NotBookable;
  if (outcome == "purchase_limit") return Kind::PurchaseLimit;
  if (outcome == "sold_out") return Kind::SoldOut;
  if (outcome == "insufficient_seats") return Kind::InsufficientSeats;
  if (outcome == "idempotency_mismatch") return Kind::KeyMismatch;
  if (outcome == "in_flight") return Kind::KeyInFlight;
  throw postgres::DecodeError("unknown outcome " + outcome);
}

/// Rows come with the index of their wish, from 1; nothing is matched by position alone.
std::size_t place_of(const postgres::Row& row, std::size_t wishes) {
  const auto i = row.get<std::int32_t>("i");
  if (i < 1 || static_cast<std::size_t>(i) > wishes) throw postgres::DecodeError("a verdict for no wish");
  return static_cast<std::size_t>(i) - 1;
}

void check_complete(const postgres::Rows& rows, std::size_t wishes) {
  if (static_cast<std::size_t>(rows.size()) != wishes) throw postgres::DecodeError("a wish without a verdict");
}

/// A booking as core.book tells it; what the wish said already is not sent back.
Booking decode_confirmed(const postgres::Row& row, const BookingWish& wish) {
  Booking booking;
  booking.id = row.get<Uuid>("booking_id");
  booking.reference = row.get<std::string>("booking_reference");
  booking.event_id = wish.event_id;
  booking.user_id = row.get<Uuid>("user_id");
  booking.quantity = wish.quantity;
  booking.total_amount = row.get<Money>("total_amount");
  booking.currency = row.get<std::string>("currency");
  booking.status = "confirmed";
  booking.created_at = row.get<TimePoint>("created_at");
  booking.event_name = row.get<std::string>("event_name");
  booking.event_date = row.find<TimePoint>("event_date");
  booking.venue = row.get<std::string>("venue");
  return booking;
}

}  // namespace

postgres::Parameters book_parameters(const std::vector<BookingWish>& wishes, bool again) {
  std::vector<Column> columns(8);
  for (Column& column : columns) column.reserve(wishes.size());
  for (const BookingWish& wish : wishes) {
    const bool has_key = !wish.key.empty();
    columns[0].emplace_back(wish.context);
    columns[1].emplace_back(to_string(wish.event_id));
    columns[2].push_back(postgres::encode_value(wish.user_id));
    columns[3].emplace_back(std::to_string(wish.quantity));
    columns[4].emplace_back(to_string(wish.booking_id));
    columns[5].emplace_back(wish.reference);
    columns[6].push_back(has_key ? std::optional(wish.key) : std::nullopt);
    columns[7].push_back(has_key ? std::optional(postgres::encode_bytes(wish.fingerprint)) : std::nullopt);
  }
  postgres::Parameters values;
  for (const Column& column : columns) values.emplace_back(postgres::encode_array(column));
  values.emplace_back(postgres::encode(again));
  return values;
}

postgres::Parameters cancel_parameters(const std::vector<CancelWish>& wishes) {
  Column contexts;
  Column ids;
  for (const CancelWish& wish : wishes) {
    contexts.emplace_back(wish.context);
    ids.emplace_back(to_string(wish.booking_id));
  }
  return {postgres::encode_array(contexts), postgres::encode_array(ids)};
}

std::vector<Answer<BookingVerdict>> decode_verdicts(const postgres::Rows& rows, const std::vector<BookingWish>& wishes) {
  check_complete(rows, wishes.size());
  std::vector<Answer<BookingVerdict>> answers(wishes.size());
  for (int n = 0; n < rows.size(); ++n) {
    const postgres::Row row = rows[n];
    const std::size_t place = place_of(row, wishes.size());
    BookingVerdict& verdict = answers[place].verdict;
    const auto outcome = row.get<std::string>("outcome");
    if (outcome == "confirmed") {
      verdict.booking = decode_confirmed(row, wishes[place]);
      // Another booking than this wish's own is the one its key made before.
      verdict.replayed = verdict.booking->id != wishes[place].booking_id;
      if (verdict.replayed && wishes[place].key.empty()) {
        throw postgres::DecodeError("a verdict for another wish");
      }
      continue;
    }
    verdict.refusal.kind = kind_of(outcome);
    verdict.refusal.event_id = wishes[place].event_id;
    verdict.refusal.available = row.find<std::int32_t>("available").value_or(0);
    verdict.refusal.limit = row.find<std::int32_t>("max_per_user").value_or(0);
    verdict.refusal.already_booked = row.find<std::int32_t>("already").value_or(0);
    verdict.refusal.reason = row.find<std::string>("reason").value_or("");
    verdict.refusal.sale_starts_at = row.find<TimePoint>("sale_starts_at");
  }
  return answers;
}

std::vector<Answer<BookingVerdict>> decode_cancelled(const postgres::Rows& rows, const std::vector<CancelWish>& wishes) {
  check_complete(rows, wishes.size());
  std::vector<Answer<BookingVerdict>> answers(wishes.size());
  for (int n = 0; n < rows.size(); ++n) {
    const postgres::Row row = rows[n];
    BookingVerdict& verdict = answers[place_of(row, wishes.size())].verdict;
    const auto outcome = row.get<std::string>("outcome");
    if (outcome != "cancelled") {
      verdict.refusal.kind = kind_of(outcome);
      continue;
    }
    verdict.booking = decode_booking(row);
    verdict.booking->status = row.get<std::string>("status");
    verdict.booking->cancelled_at = row.find<TimePoint>("cancelled_at");
  }
  return answers;
}

}  // namespace evently::bookings
