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
    "SELECT i, outcome, booking_id, booking_reference, event_id, user_id, quantity, total_amount, "
    "currency, status, created_at, cancelled_at,"
    " event_name, event_date, venue FROM core.cancel($1, $2)"};

namespace {

using Column = std::vector<std::optional<std::string>>;
using Kind = BookingRefusal::Kind;

Kind kind_of(const std::string& outcome) {
  if (outcome == "denied") return Kind::Denied;
  if (outcome == "forbidden") return Kind::Forbidden;
  if (outcome == "event_not_found" || outcome == "user_not_found" || outcome == "booking_not_found")
    return Kind::NotFound;
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
  if (i < 1 || static_cast<std::size_t>(i) > wishes)
    throw postgres::DecodeError("a verdict for no wish");
  return static_cast<std::size_t>(i) - 1;
}

void check_complete(const postgres::Rows& rows, std::size_t wishes) {
  if (static_cast<std::size_t>(rows.size()) != wishes)
    throw postgres::DecodeError("a wish without a verdict");
}

/// A booking as core.book tells it; what the wish said already is not sent back.
Booking decode_confirmed(const postgres::Row& row, const BookingWish& wish) {
  Booking booking;
  booking.id = row.get<Uuid>("booking_id");
  booking.reference = row.get<std::string>("booking_reference");
  booking.event_id = wish.event_id;
  booking.user_id = row.get<Uuid>("user_id");
  booking.quantity = wish.quantity;
  booking.total_amount = decode_total(row);
  booking.currency = row.get<std::string>("currency");
  booking.status = "confirmed";
  booking.created_at = row.get<TimePoint>("created_at");
  booking.event_name = row.get<std::string>("event_name");
  booking.event_date = row.find<TimePoint>("event_date");
  booking.venue = row.get<std::string>("venue");
  return booking;
}

}  // namespace

postgres::Parameters book_parameters(std::span<const BookingWish> wishes, bool again) {
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
    columns[7].push_back(has_key ? std::optional(postgres::encode_bytes(wish.fingerprint))
                                 : std::nullopt);
  }
  postgres::Parameters values;
  for (const Column& column : columns) values.emplace_back(postgres::encode_array(column));
  values.emplace_back(postgres::encode(again));
  return values;
}

postgres::Parameters cancel_parameters(std::span<const CancelWish> wishes) {
  Column contexts;
  Column ids;
  for (const CancelWish& wish : wishes) {
    contexts.emplace_back(wish.context);
    ids.emplace_back(to_string(wish.booking_id));
  }
  return {postgres::encode_array(contexts), postgres::encode_array(ids)};
}

namespace {

BookingRefusal decode_refusal(const postgres::Row& row, const BookingWish& wish) {
  BookingRefusal refusal;
  refusal.kind = kind_of(row.get<std::string>("outcome"));
  refusal.event_id = wish.event_id;
  refusal.available = row.find<std::int32_t>("available").value_or(0);
  refusal.limit = row.find<std::int32_t>("max_per_user").value_or(0);
  refusal.already_booked = row.find<std::int32_t>("already").value_or(0);
  refusal.reason = row.find<std::string>("reason").value_or("");
  refusal.sale_starts_at = row.find<TimePoint>("sale_starts_at");
  if (refusal.kind == Kind::Forbidden) {
    // Who may cancel anybody's booking may book for anybody: there is no permission of its own.
    refusal.required = wish.user_id ? "booking:cancel:any" : "booking:create";
    // "admin/c" is an administrator's key that may create: people read the role only.
    refusal.role = std::exchange(refusal.reason, "");
    refusal.role.resize(std::min(refusal.role.size(), refusal.role.find('/')));
  }
  return refusal;
}

BookingVerdict decode_verdict(const postgres::Row& row, const BookingWish& wish) {
  BookingVerdict verdict;
  // An id that is not this wish's own: answered before, under its key. A refusal then has no id.
  verdict.replayed = row.find<Uuid>("booking_id") != wish.booking_id;
  if (verdict.replayed && wish.key.empty())
    throw postgres::DecodeError("a verdict for another wish");
  if (row.get<std::string>("outcome") == "confirmed") {
    verdict.booking = decode_confirmed(row, wish);
  } else {
    verdict.refusal = decode_refusal(row, wish);
  }
  return verdict;
}

BookingVerdict decode_cancellation(const postgres::Row& row, const CancelWish& wish) {
  BookingVerdict verdict;
  const auto outcome = row.get<std::string>("outcome");
  if (outcome != "cancelled") {
    verdict.refusal.kind = kind_of(outcome);
    return verdict;
  }
  verdict.booking = decode_booking(row);
  if (verdict.booking->id != wish.booking_id)
    throw postgres::DecodeError("a verdict for another wish");
  return verdict;
}

/// Rows are durable facts by now: one that cannot be read must not take its neighbours with it.
template <class Wish, class Decode>
std::vector<Answer<BookingVerdict>> decode_each(const postgres::Rows& rows,
                                                std::span<const Wish> wishes, Decode decode) {
  check_complete(rows, wishes.size());
  const auto absent = std::make_exception_ptr(postgres::DecodeError("a wish without a verdict"));
  std::vector<Answer<BookingVerdict>> answers(wishes.size(), Answer<BookingVerdict>{{}, absent});
  for (int n = 0; n < rows.size(); ++n) {
    const postgres::Row row = rows[n];
    const std::size_t place = place_of(row, wishes.size());
    try {
      answers[place] = {decode(row, wishes[place]), nullptr};
    } catch (const postgres::DecodeError&) {
      answers[place].fault = std::current_exception();
    }
  }
  return answers;
}

}  // namespace

std::vector<Answer<BookingVerdict>> decode_verdicts(const postgres::Rows& rows,
                                                    std::span<const BookingWish> wishes) {
  return decode_each(rows, wishes, decode_verdict);
}

std::vector<Answer<BookingVerdict>> decode_cancelled(const postgres::Rows& rows,
                                                     std::span<const CancelWish> wishes) {
  return decode_each(rows, wishes, decode_cancellation);
}

}  // namespace evently::bookings
