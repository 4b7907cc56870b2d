#include "platform/http/wire/proxy_handshake.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "platform/http/wire/proxy_header.hpp"

namespace evently::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Time = std::chrono::steady_clock;

/// While draining: for a header that is under way when we meant to close.
constexpr std::chrono::milliseconds kLastLook{300};

/// Exactly `size` bytes. False when the connection ended, or its deadline came. A drain cancels
/// reads once: what is under way gets a last look.
Task<bool> read_exactly(const Sessions& sessions, Sessions::Watched& watched, tcp::socket& socket,
                        std::string& bytes, std::size_t size) {
  bytes.resize(size);
  bool last_look = false;
  for (std::size_t held = 0; held < size;) {
    boost::system::error_code failed;
    const auto room = asio::buffer(bytes.data() + held, size - held);
    const std::size_t got =
        co_await socket.async_read_some(room, asio::redirect_error(asio::use_awaitable, failed));
    held += got;
    if (!failed) continue;
    if (failed != asio::error::operation_aborted || last_look || watched.timed_out) co_return false;
    if (!sessions.draining) co_return false;
    last_look = true;
    watched.deadline = Time::now() + kLastLook;
  }
  co_return true;
}

Task<std::optional<ProxyHeader>> read_header(const Sessions& sessions, Sessions::Watched& watched,
                                             tcp::socket& socket) {
  watched.socket = &socket;
  watched.deadline = Time::now() + sessions.config.header_timeout;
  std::string prefix;
  std::string body;
  bool came = co_await read_exactly(sessions, watched, socket, prefix, kProxyPrefixBytes);
  const auto size = came ? proxy_body_size(prefix) : std::nullopt;
  if (size) came = co_await read_exactly(sessions, watched, socket, body, *size);
  watched.socket = nullptr;  // it moves on
  if (!size || !came) co_return std::nullopt;
  co_return read_proxy_header(prefix, body);
}

}  // namespace

Task<std::string> learn_peer(Sessions& sessions, Sessions::Watched& watched, tcp::socket& socket) {
  boost::system::error_code ignored;
  const std::string peer = socket.remote_endpoint(ignored).address().to_string();
  if (!sessions.config.proxy_protocol) co_return peer;
  std::optional<ProxyHeader> header;
  if (sessions.config.proxies.contains(peer)) {
    header = co_await read_header(sessions, watched, socket);
  }
  if (!header) {
    sessions.observer.turned_away(peer);
    co_return "";
  }
  co_return header->source.empty() ? peer : header->source;
}

}  // namespace evently::http
