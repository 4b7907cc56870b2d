#include "bookings/booking_repository.hpp"

namespace evently::bookings {
namespace {

using postgres::Statement;

#define BOOKING_COLUMNS                                                                        \
  "SELECT b.id AS booking_id, b.booking_reference, b.event_id, b.user_id, b.quantity,"         \
  " b.total_amount, b.currency, b.status, b.created_at, b.cancelled_at, e.name AS event_name," \
  " e.event_date, e.venue FROM core.bookings b LEFT JOIN core.events e ON e.id = b.event_id"
#define BOOKING_PAGE                                                       \
  " AND ($1::text IS NULL OR b.status = $1)"                               \
  " AND b.id < coalesce($2::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')" \
  " ORDER BY b.id DESC LIMIT $3"

constexpr Statement kFind{"bookings.find", BOOKING_COLUMNS " WHERE b.id = $1"};
constexpr Statement kList{"bookings.list", BOOKING_COLUMNS " WHERE true" BOOKING_PAGE};
constexpr Statement kListOfUser{"bookings.list_of_user",
                                BOOKING_COLUMNS " WHERE b.user_id = $4" BOOKING_PAGE};
constexpr Statement kListOfEvent{
    "bookings.list_of_event",
    BOOKING_COLUMNS " WHERE b.event_id = $4 AND ($5::uuid IS NULL OR b.user_id = $5)" BOOKING_PAGE};
#undef BOOKING_COLUMNS
#undef BOOKING_PAGE

}  // namespace

Booking decode_booking(const postgres::Row& row) {
  Booking booking;
  booking.id = row.get<Uuid>("booking_id");
  booking.reference = row.get<std::string>("booking_reference");
  booking.event_id = row.get<Uuid>("event_id");
  booking.user_id = row.get<Uuid>("user_id");
  booking.quantity = row.get<std::int32_t>("quantity");
  booking.total_amount = decode_total(row);
  booking.currency = row.get<std::string>("currency");
  booking.status = row.get<std::string>("status");
  booking.created_at = row.get<TimePoint>("created_at");
  booking.cancelled_at = row.find<TimePoint>("cancelled_at");
  booking.event_name = row.find<std::string>("event_name").value_or("");
  booking.event_date = row.find<TimePoint>("event_date");
  booking.venue = row.find<std::string>("venue").value_or("");
  return booking;
}

Money decode_total(const postgres::Row& row) {
  std::string digits = row.get<std::string>("total_amount");  // numeric(14,2): always two decimals
  std::erase(digits, '.');
  return Money{postgres::decode<std::int64_t>(digits)};
}

Task<std::vector<Booking>> BookingRepository::list(postgres::TransactionOptions options,
                                                   BookingQuery query) {
  postgres::Parameters values = postgres::parameters(query.status, query.before, query.limit);
  const Statement* statement = &kList;
  if (query.event_id) {
    statement = &kListOfEvent;
    values.push_back(postgres::encode_value(query.event_id));
    values.push_back(postgres::encode_value(query.user_id));
  } else if (query.user_id) {
    statement = &kListOfUser;
    values.push_back(postgres::encode_value(query.user_id));
  }
  const auto rows = co_await pool_.run(std::move(options), *statement, std::move(values));
  std::vector<Booking> bookings;
  bookings.reserve(static_cast<std::size_t>(rows.size()));
  for (int i = 0; i < rows.size(); ++i) bookings.push_back(decode_booking(rows[i]));
  co_return bookings;
}

Task<std::optional<Booking>> BookingRepository::find(postgres::TransactionOptions options,
                                                     Uuid id) {
  auto values = postgres::parameters(id);
  const auto rows = co_await pool_.run(std::move(options), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return decode_booking(rows[0]);
}

}  // namespace evently::bookings
