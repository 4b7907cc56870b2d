#pragma once

#include <boost/asio/awaitable.hpp>

namespace evently {

/// A coroutine on an io_context. An await stands alone in its statement (ADR 0001).
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace evently
