#include "platform/http/server.hpp"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <vector>

#include "platform/http/session.hpp"

namespace evently::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using Time = std::chrono::steady_clock;

/// Deadlines are held to within this: one timer a server instead of one a request.
constexpr std::chrono::milliseconds kSweepEvery{250};
/// After a failed accept (no descriptors left): wait, let connections end, go on.
constexpr std::chrono::milliseconds kAcceptPause{50};

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

asio::ssl::context make_tls(const HttpConfig& config) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION);
  tls.use_certificate_chain_file(config.tls_certificate);
  tls.use_private_key_file(config.tls_key, asio::ssl::context::pem);
  SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  return tls;
}

}  // namespace

class Server::State : public std::enable_shared_from_this<Server::State> {
 public:
  State(asio::io_context& io, HttpConfig config, const Router& router, Observer& observer)
      : config_(std::move(config)), acceptor_(io), sweep_(io) {
    if (!config_.tls_certificate.empty()) tls_.emplace(make_tls(config_));
    sessions_ = std::make_shared<Sessions>(Sessions{config_, router, observer, tls_ ? &*tls_ : nullptr, false, {}});
    const tcp::endpoint endpoint(asio::ip::make_address(config_.address), config_.port);
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    acceptor_.set_option(ReusePort(true));
    acceptor_.bind(endpoint);
    acceptor_.listen(4096);
  }

  static Task<void> accept(std::shared_ptr<State> self) {
    while (self->acceptor_.is_open()) {
      boost::system::error_code failed;
      tcp::socket socket = co_await self->acceptor_.async_accept(
          asio::redirect_error(asio::use_awaitable, failed));
      if (!failed && self->sessions_->watched.size() < self->config_.max_connections) {
        // Bounded by max_connections, watched by the sweeper, ended by drain() and close().
        asio::co_spawn(self->acceptor_.get_executor(), hold(self, std::move(socket)), asio::detached);
        continue;
      }
      if (!self->acceptor_.is_open()) co_return;
      if (!failed) continue;  // one too many: its socket closes here
      asio::steady_timer pause(self->acceptor_.get_executor(), kAcceptPause);
      co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
    }
  }

  static Task<void> hold(std::shared_ptr<State> self, tcp::socket socket) {
    co_await run_session(self->sessions_, std::move(socket));
  }

  void sweep() {
    sweep_.expires_after(kSweepEvery);
    sweep_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
      if (stopped) return;
      const auto now = Time::now();
      for (Sessions::Watched& session : self->sessions_->watched) {
        if (session.socket == nullptr || now < session.deadline) continue;
        // First a cancel, so that a slow request still gets its 408; then the cut.
        boost::system::error_code ignored;
        if (session.timed_out) session.socket->close(ignored);
        session.timed_out = true;
        session.socket->cancel(ignored);
      }
      self->sweep();
    });
  }

  void drain() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    sessions_->draining = true;
    for (Sessions::Watched& session : sessions_->watched) {
      if (session.idle && session.socket != nullptr) session.socket->cancel(ignored);
    }
  }

  void close() {
    drain();
    sweep_.cancel();
    boost::system::error_code ignored;
    for (Sessions::Watched& session : sessions_->watched) {
      if (session.socket != nullptr) session.socket->close(ignored);
    }
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  std::size_t connections() const { return sessions_->watched.size(); }
  tcp::acceptor& acceptor() { return acceptor_; }

 private:
  HttpConfig config_;
  tcp::acceptor acceptor_;
  asio::steady_timer sweep_;
  std::optional<asio::ssl::context> tls_;
  std::shared_ptr<Sessions> sessions_;
};

Server::Server(asio::io_context& io, HttpConfig config, const Router& router, Observer& observer)
    : state_(std::make_shared<State>(io, std::move(config), router, observer)) {
  asio::co_spawn(io, State::accept(state_), asio::detached);
  state_->sweep();
}

Server::~Server() { state_->close(); }

std::uint16_t Server::port() const { return state_->port(); }
void Server::drain() { state_->drain(); }
void Server::close() { state_->close(); }
std::size_t Server::connections() const { return state_->connections(); }

}  // namespace evently::http
