#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <list>
#include <memory>

#include "base/task.hpp"
#include "platform/http/observer.hpp"
#include "platform/http/router.hpp"
#include "platform/http/wire/http_config.hpp"

namespace evently::http {

/// A request whose handler runs: answered by the sweeper when the handler does not end in time.
class Overdue {
 public:
  virtual ~Overdue() = default;
  virtual void answer_for_handler() = 0;
};

/// What the sessions of one server share, and how the server watches them. One thread.
struct Sessions {
  /// One connection as the sweeper sees it: a deadline to hold, a socket to cut.
  struct Watched {
    boost::asio::ip::tcp::socket::lowest_layer_type* socket = nullptr;
    std::chrono::steady_clock::time_point deadline;
    bool idle = true;  ///< between requests: may be closed at once
    bool timed_out = false;
    Overdue* running = nullptr;  ///< set while a handler runs
  };

  const HttpConfig& config;
  const Router& router;
  Observer& observer;
  boost::asio::ssl::context* tls = nullptr;
  bool draining = false;
  std::list<Watched> watched;

  /// Holds every connection to its deadline.
  void sweep(std::chrono::steady_clock::time_point now);
};

/// Serves one connection until it ends. Never throws.
Task<void> run_session(std::shared_ptr<Sessions> sessions, boost::asio::ip::tcp::socket socket);

}  // namespace evently::http
