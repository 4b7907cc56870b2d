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
/// Connections the kernel holds for us; it cuts this to net.core.somaxconn.
constexpr int kBacklog = 4096;

using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

/// ALPN: we speak HTTP/1.1 only; a client that offers a list without it is told so.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, kOurs, sizeof kOurs - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

asio::ssl::context make_tls(const HttpConfig& config) {
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                  asio::ssl::context::no_tlsv1_1 | SSL_OP_NO_RENEGOTIATION);
  tls.use_certificate_chain_file(config.tls_certificate);
  tls.use_private_key_file(config.tls_key, asio::ssl::context::pem);
  SSL_CTX_set_cipher_list(tls.native_handle(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_mode(tls.native_handle(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(tls.native_handle(), choose_protocol, nullptr);
  return tls;
}

/// Throws when somebody listens on `endpoint`: a bind that shares with nobody finds out.
void require_free(asio::io_context& io, const tcp::endpoint& endpoint) {
  tcp::acceptor probe(io, endpoint.protocol());
  probe.set_option(tcp::acceptor::reuse_address(true));
  probe.bind(endpoint);
}

}  // namespace

class Server::State : public std::enable_shared_from_this<Server::State> {
 public:
  State(asio::io_context& io, HttpConfig config, const Router& router, Observer& observer)
      : config_(std::move(config)), acceptor_(io), sweep_(io) {
    if (!config_.tls_certificate.empty()) tls_.emplace(make_tls(config_));
    sessions_ = std::make_shared<Sessions>(
        Sessions{config_, router, observer, tls_ ? &*tls_ : nullptr, false, {}});
    const tcp::endpoint endpoint(asio::ip::make_address(config_.address), config_.port);
    if (config_.refuse_shared_port && config_.port != 0) require_free(io, endpoint);
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

  /// One too many: its socket closes here.
  void take(tcp::socket socket) {
    if (sessions_->watched.size() >= config_.max_connections) return;
    // Bounded by max_connections, watched by the sweeper, ended by drain() and close().
    asio::co_spawn(acceptor_.get_executor(), hold(shared_from_this(), std::move(socket)),
                   asio::detached);
  }

  static Task<void> hold(std::shared_ptr<State> self, tcp::socket socket) {
    co_await run_session(self->sessions_, std::move(socket));
  }

  void sweep() {
    sweep_.expires_after(kSweepEvery);
    sweep_.async_wait([self = shared_from_this()](boost::system::error_code stopped) {
      if (stopped) return;
      self->sessions_->sweep(Time::now());
      self->sweep();
    });
  }

  void drain() {
    if (sessions_->draining) return;
    sessions_->draining = true;
    take_backlog();
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    for (Sessions::Watched& session : sessions_->watched) {
      if (session.idle && session.socket != nullptr) session.socket->cancel(ignored);
    }
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
    drain();
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
