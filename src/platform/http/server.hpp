#pragma once

#include <cstdint>
#include <memory>

#include "platform/http/http_config.hpp"
#include "platform/http/observer.hpp"
#include "platform/http/router.hpp"

namespace boost::asio {
class io_context;
}

namespace evently::http {

/// A listener and its sessions on one io_context thread; not thread-safe. Several servers share a
/// port (SO_REUSEPORT). The constructor throws when it cannot listen.
class Server {
 public:
  Server(boost::asio::io_context& io, HttpConfig config, const Router& router, Observer& observer);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// No new connections; idle ones close now, busy ones after their answer.
  void drain();
  std::size_t connections() const;
  /// Cuts what is still there.
  void close();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace evently::http
