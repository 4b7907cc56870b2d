#pragma once

#include <vector>

#include "bookings/booking_desk.hpp"

namespace evently::bookings {

/// The desk's two statements and their wire: arrays in, one row a wish out. See
/// db/migrations/0010-0012 for what they do.
extern const postgres::Statement kBook;
extern const postgres::Statement kCancel;

/// `again`: the call may have been made before and its answer lost; a booking that exists counts.
postgres::Parameters book_parameters(const std::vector<BookingWish>& wishes, bool again);
postgres::Parameters cancel_parameters(const std::vector<CancelWish>& wishes);

/// In the order of the wishes; throws postgres::DecodeError when a row does not echo its wish.
std::vector<Answer<BookingVerdict>> decode_verdicts(const postgres::Rows& rows, const std::vector<BookingWish>& wishes);
std::vector<Answer<BookingVerdict>> decode_cancelled(const postgres::Rows& rows, const std::vector<CancelWish>& wishes);

}  // namespace evently::bookings
