#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace evently::http {

/// Says bytes as they are, and gives back bytes as they come. Every wait ends after ten seconds.
class RawClient {
 public:
  /// From 127.0.0.1, or from another address of this machine.
  explicit RawClient(std::uint16_t port, const char* from = "127.0.0.1") : socket_(io_) {
    socket_.open(boost::asio::ip::tcp::v4());
    socket_.bind({boost::asio::ip::make_address_v4(from), 0});
    socket_.connect({boost::asio::ip::address_v4::loopback(), port});
    const timeval limit{10, 0};
    ::setsockopt(socket_.native_handle(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }

  /// False when the server no longer takes it.
  bool say(std::string_view bytes) {
    boost::system::error_code failed;
    boost::asio::write(socket_, boost::asio::buffer(bytes), failed);
    return !failed;
  }

  /// One answer: head, and a body of Content-Length. Not for HEAD.
  std::string answer(bool with_body = true) {
    std::size_t end = std::string::npos;
    while ((end = pending_.find("\r\n\r\n")) == std::string::npos) {
      if (!read_more()) throw std::runtime_error("closed before an answer: " + pending_);
    }
    end += 4;
    const std::size_t length_at = pending_.find("\r\nContent-Length: ");
    if (with_body && length_at < end) end += std::stoul(pending_.substr(length_at + 18));
    while (pending_.size() < end) {
      if (!read_more()) throw std::runtime_error("closed within an answer");
    }
    std::string taken = pending_.substr(0, end);
    pending_.erase(0, end);
    return taken;
  }

  std::string ask(std::string_view bytes) {
    say(bytes);
    return answer();
  }

  /// Everything until the server closes. Throws when it does not, or resets the connection.
  std::string rest() {
    while (read_more()) continue;
    return std::move(pending_);
  }

  /// Closed by the server, with nothing more to read?
  bool is_closed() {
    try {
      return rest().empty();
    } catch (const std::exception&) {
      return false;
    }
  }

  boost::asio::ip::tcp::socket& socket() { return socket_; }

 private:
  bool read_more() {
    char bytes[16384];
    // Not Asio's read: that would wait on past SO_RCVTIMEO.
    const ssize_t got = ::recv(socket_.native_handle(), bytes, sizeof bytes, 0);
    if (got < 0) throw std::runtime_error("reset, or nothing came in time; so far: " + pending_);
    pending_.append(bytes, static_cast<std::size_t>(got));
    return got > 0;
  }

  boost::asio::io_context io_;
  boost::asio::ip::tcp::socket socket_;
  std::string pending_;
};

inline int status_of(std::string_view answer) {
  return answer.size() < 12 ? 0 : std::stoi(std::string(answer.substr(9, 3)));
}

/// Value of a header as the server writes it, "" when absent.
inline std::string header_of(std::string_view answer, const std::string& name) {
  const std::string_view head = answer.substr(0, answer.find("\r\n\r\n") + 2);
  const std::size_t at = head.find("\r\n" + name + ": ");
  if (at == std::string_view::npos) return "";
  const std::size_t from = at + name.size() + 4;
  return std::string(head.substr(from, head.find("\r\n", from) - from));
}

inline std::string body_of(std::string_view answer) {
  return std::string(answer.substr(answer.find("\r\n\r\n") + 4));
}

}  // namespace evently::http
