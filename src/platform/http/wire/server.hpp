#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "platform/http/observer.hpp"
#include "platform/http/router.hpp"
#include "platform/http/wire/http_config.hpp"

namespace boost::asio {
class io_context;
}

namespace evently::http {

/// Throws boost::system::system_error when somebody listens there, or the address is not ours.
void require_free(const std::string& address, std::uint16_t port);

/// A listener and its sessions on one io_context thread; not thread-safe. Several servers share a
/// port (SO_REUSEPORT). The constructor throws when it cannot listen.
class Server {
 public:
  Server(boost::asio::io_context& io, HttpConfig config, const Router& router, Observer& observer);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// No new connections; idle ones close in a moment, busy ones after their answer. `drained` is
  /// called once when the last is gone.
  void drain(std::function<void()> drained = {});
  std::size_t connections() const;
  /// Cuts what is still there.
  void close();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace evently::http
