#pragma once

#include <boost/system/result.hpp>

namespace evently {

/// An expected answer or an expected refusal. Faults (a broken database, a bug) are exceptions.
/// Use only what std::expected has too: `!r`, `*r`, `r->`, `r.error()`.
template <class T, class E>
using Result = boost::system::result<T, E>;

}  // namespace evently
