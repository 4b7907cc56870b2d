#include "platform/http/wire/server.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <functional>
#include <utility>

#include "platform/http/wire/session.hpp"

namespace evently::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Time = std::chrono::steady_clock;

/// Deadlines are held to within this: one timer a server instead of one a request.
constexpr std::chrono::milliseconds kSweepEvery{250};
/// After a failed accept (no descriptors left): wait, let connections end, go on.
constexpr std::chrono::milliseconds kAcceptPause{50};
/// Connections the kernel holds for us; it cuts this to net.core.somaxconn.
constexpr int kBacklog = 4096;

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

}  // namespace

class Server::State : public std::enable_shared_from_this<Server::State> {
 public:
  State(asio::io_context& io, HttpConfig config, const Router& router, Observer& observer)
      : config_(std::move(config)), acceptor_(io), sweep_(io) {
    sessions_ = std::make_shared<Sessions>(
        Sessions{config_, router, observer, config_.tls.get(), false, {}});
    const tcp::endpoint endpoint(asio::ip::make_address(config_.address), config_.port);
    if (config_.refuse_shared_port && config_.port != 0)
      require_free(config_.address, config_.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.set_option(ReusePort(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(kBacklog);
    port_ = acceptor_.local_endpoint().port();
  }

  static Task<void> accept(std::shared_ptr<State> self) {
    while (self->acceptor_.is_open()) {
      boost::system::error_code failed;
      tcp::socket socket =
          co_await self->acceptor_.async_accept(asio::redirect_error(asio::use_awaitable, failed));
      if (!failed) self->take(std::move(socket));
      if (!failed || !self->acceptor_.is_open()) continue;
      asio::steady_timer pause(self->acceptor_.get_executor(), kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
  }

  /// One too many, or accepted in the moment of close(): its socket closes here.
  void take(tcp::socket socket) {
    if (closed_ || sessions_->watched.size() >= config_.max_connections) return;
    ++held_;
    // Bounded by max_connections, watched by the sweeper, ended by drain() and close().
    asio::co_spawn(acceptor_.get_executor(), hold(shared_from_this(), std::move(socket)),
                   asio::detached);
  }

  static Task<void> hold(std::shared_ptr<State> self, tcp::socket socket) {
    // A connection taken by close() itself would be watched by nobody.
    if (!self->closed_) co_await run_session(self->sessions_, std::move(socket));
    --self->held_;
    self->report_drained();
  }

  void report_drained() {
    if (held_ == 0 && drained_) std::exchange(drained_, {})();
  }

  void sweep() {
    sweep_.expires_after(kSweepEvery);
    sweep_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
      if (stopped || self->closed_) return;  // it may have fired before close() cancelled it
      self->sessions_->sweep(Time::now());
      self->sweep();
    });
  }

  void drain(std::function<void()> drained) {
    if (sessions_->draining) return;
    sessions_->draining = true;
    take_backlog();
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (Sessions::Watched& session : sessions_->watched) {
      if (session.idle && session.socket != nullptr) session.socket->cancel(ignored);
    }
    drained_ = std::move(drained);
    report_drained();
  }

  /// Connections that the kernel has accepted for us may carry requests: closing would reset them.
  void take_backlog() {
    boost::system::error_code failed;
    acceptor_.non_blocking(true, failed);
    for (int i = 0; i < kBacklog && !failed; ++i) {
      tcp::socket socket(acceptor_.get_executor());
      acceptor_.accept(socket, failed);
      if (!failed) take(std::move(socket));
    }
  }

  void close() {
    drain({});
    closed_ = true;
    sweep_.cancel();
    boost::system::error_code ignored;
    for (Sessions::Watched& session : sessions_->watched) {
      if (session.socket != nullptr) session.socket->close(ignored);
    }
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return sessions_->watched.size(); }

 private:
  HttpConfig config_;
  tcp::acceptor acceptor_;
  std::uint16_t port_ = 0;
  asio::steady_timer sweep_;
  std::shared_ptr<Sessions> sessions_;
  std::size_t held_ = 0;  ///< sessions begun, or about to
  std::function<void()> drained_;
  bool closed_ = false;
};

void require_free(const std::string& address, std::uint16_t port) {
  asio::io_context io;
  const tcp::endpoint endpoint(asio::ip::make_address(address), port);
  tcp::acceptor probe(io, endpoint.protocol());
  probe.set_option(tcp::acceptor::reuse_address(true));
  probe.bind(endpoint);  // shares with nobody
}

Server::Server(asio::io_context& io, HttpConfig config, const Router& router, Observer& observer)
    : state_(std::make_shared<State>(io, std::move(config), router, observer)) {
  asio::co_spawn(io, State::accept(state_), asio::detached);
  state_->sweep();
}

Server::~Server() { state_->close(); }

std::uint16_t Server::port() const { return state_->port(); }
void Server::drain(std::function<void()> drained) { state_->drain(std::move(drained)); }
void Server::close() { state_->close(); }
std::size_t Server::connections() const { return state_->connections(); }

}  // namespace evently::http
