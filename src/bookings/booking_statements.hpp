#pragma once

#include <span>
#include <vector>

#include "bookings/booking_desk.hpp"

namespace evently::bookings {

/// The desk's two statements and their wire: arrays in, one row a wish out. See
/// db/migrations/0010-0012 for what they do.
extern const postgres::Statement kBook;
extern const postgres::Statement kCancel;

/// `again`: the call may have been made before and its answer lost; a booking that exists counts.
postgres::Parameters book_parameters(std::span<const BookingWish> wishes, bool again);
postgres::Parameters cancel_parameters(std::span<const CancelWish> wishes);

/// In the order of the wishes, matched by index and by booking id: a row that does not echo its
/// wish, or cannot be read, is that wish's fault and leaves the others' verdicts. Throws
/// postgres::DecodeError when rows are missing.
std::vector<Answer<BookingVerdict>> decode_verdicts(const postgres::Rows& rows,
                                                    std::span<const BookingWish> wishes);
std::vector<Answer<BookingVerdict>> decode_cancelled(const postgres::Rows& rows,
                                                     std::span<const CancelWish> wishes);

}  // namespace evently::bookings
