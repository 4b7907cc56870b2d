#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "base/task.hpp"
#include "platform/http/wire/session.hpp"

namespace evently::http {

/// Who a new connection is from, as an IP literal: its other end, or, where the listener demands
/// the PROXY protocol, whom the proxy's header names. Empty when the connection must close without
/// a word: its other end is no proxy of ours, or no right header came in time. Takes not a byte
/// more than the header.
Task<std::string> learn_peer(Sessions& sessions, Sessions::Watched& watched,
                             boost::asio::ip::tcp::socket& socket);

}  // namespace evently::http
