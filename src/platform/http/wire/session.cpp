#include "platform/http/wire/session.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <type_traits>

#include "platform/http/wire/message_parser.hpp"
#include "platform/http/wire/proxy_handshake.hpp"
#include "platform/http/wire/request_intake.hpp"
#include "platform/http/wire/response_writer.hpp"

namespace evently::http {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using TlsStream = asio::ssl::stream<tcp::socket>;
using Time = std::chrono::steady_clock;

/// All an idle connection holds: room for the usual request, so that it is read in one go.
constexpr std::size_t kIdleReadBytes = 1024;
constexpr std::size_t kReadBytes = 8 * 1024;
/// How long a handler may overrun its deadline (its statement is being cancelled) before the
/// session answers for it.
constexpr std::chrono::milliseconds kHandlerGrace{500};
/// How long, and for how many bytes, we listen to a client whom we have told that we close.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytes = 1024 * 1024;
/// While draining: for a request that its client was sending when we meant to close.
constexpr std::chrono::milliseconds kLastLook{300};

/// Takes the connection out of the list however its coroutine ends.
class Watch {
 public:
  explicit Watch(Sessions& sessions)
      : sessions_(sessions), at_(sessions.watched.emplace(sessions.watched.end())) {}
  ~Watch() { sessions_.watched.erase(at_); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;
  Sessions::Watched* operator->() const { return &*at_; }
  Sessions::Watched& operator*() const { return *at_; }

 private:
  Sessions& sessions_;
  std::list<Sessions::Watched>::iterator at_;
};

/// What is needed of a request after its handler took it. Credentials and body are not kept.
Request outline_of(const Request& request) {
  Request outline;
  outline.method = request.method;
  outline.path = request.path;
  outline.request_id = request.request_id;
  outline.client_address = request.client_address;
  outline.deadline = request.deadline;
  for (const auto& field : request.headers) {
    if (field.first == "accept-encoding" || field.first == "if-none-match") {
      outline.headers.push_back(field);
    }
  }
  return outline;
}

template <class Stream>
class Session final : private Overdue {
 public:
  Session(std::shared_ptr<Sessions> shared, Stream stream, Watch& watch, std::string peer)
      : shared_(std::move(shared)),
        stream_(std::move(stream)),
        watch_(watch),
        peer_(std::move(peer)) {
    watch_->socket = &stream_.lowest_layer();
  }

  Task<void> run();

 private:
  static constexpr bool kTls = std::is_same_v<Stream, TlsStream>;

  tcp::socket& socket() {
    if constexpr (kTls) return stream_.next_layer();
    if constexpr (!kTls) return stream_;
  }
  void expect_within(Time::duration limit) {
    watch_->deadline = Time::now() + limit;
    watch_->timed_out = false;
  }
  std::string head_of(const Response& response, bool keep_alive) const {
    const HttpConfig& config = shared_->config;
    return write_head(response, request_id_,
                      {keep_alive, config.https_in_front(), !config.cors.empty(), allowed_origin_});
  }
  bool bytes_wait() {
    boost::system::error_code failed;
    return !buffer_.empty() || (socket().available(failed) > 0 && !failed);
  }
  const Route* find_route(Request& request, Problem& refusal) const;
  void report(const Response& response, Time::duration took) const;
  void answer_for_handler() override;

  Task<bool> read_some(std::size_t limit);
  Task<bool> await_request();
  Task<bool> read_message(MessageParser& parser);
  Task<bool> serve_one();
  Task<bool> refuse(MessageParser& parser, bool timed_out);
  Task<Response> answer(const Route* route, Request& request, Request& outline);
  Task<bool> send(Response response, bool keep_alive);
  Task<void> close_gently();

  std::shared_ptr<Sessions> shared_;
  Stream stream_;
  Watch& watch_;
  const std::string peer_;
  std::string buffer_;
  std::string client_;
  std::string request_id_;
  std::string_view method_;
  std::string_view allowed_origin_;  ///< an entry of the config's policy
  std::string_view route_;           ///< pattern in the router's table
  Time::time_point began_;
  Learned learned_;
  bool head_only_ = false;
  bool answered_for_handler_ = false;
};

template <class Stream>
Task<void> Session<Stream>::run() {
  if constexpr (kTls) {
    expect_within(shared_->config.header_timeout);
    boost::system::error_code failed;
    co_await stream_.async_handshake(asio::ssl::stream_base::server,
                                     asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return;
  }
  for (bool more = true; more;) more = co_await serve_one();
}

template <class Stream>
Task<bool> Session<Stream>::read_some(std::size_t limit) {
  const std::size_t held = buffer_.size();
  buffer_.resize(held + limit);
  boost::system::error_code failed;
  const auto room = asio::buffer(buffer_.data() + held, limit);
  const std::size_t got =
      co_await stream_.async_read_some(room, asio::redirect_error(asio::use_awaitable, failed));
  buffer_.resize(held + got);
  co_return !failed;
}

/// False when the connection ends instead. While draining an idle connection ends as soon as no
/// request comes for a moment: closing at once would reset one that is under way.
template <class Stream>
Task<bool> Session<Stream>::await_request() {
  if (!buffer_.empty()) co_return true;  // pipelined
  std::string().swap(buffer_);
  watch_->idle = true;
  bool last_look = shared_->draining;
  while (true) {
    if (last_look) expect_within(kLastLook);
    if (!last_look) expect_within(shared_->config.idle_timeout);
    const bool got = co_await read_some(kIdleReadBytes);
    if (got) break;
    if (last_look || watch_->timed_out || !shared_->draining) co_return false;
    last_look = true;
  }
  watch_->idle = false;
  co_return true;
}

/// False when the connection ended or timed out before a whole message came.
template <class Stream>
Task<bool> Session<Stream>::read_message(MessageParser& parser) {
  using State = MessageParser::State;
  expect_within(shared_->config.header_timeout);
  bool in_header = true;
  while (true) {
    const State state = parser.feed(buffer_);
    if (state == State::Complete || state == State::Refused) co_return true;
    if (state != State::NeedsHeader && in_header) {
      in_header = false;
      expect_within(shared_->config.body_timeout);  // for all of it: a drop a second is too slow
    }
    if (state == State::NeedsContinue) {
      constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
      boost::system::error_code failed;
      co_await asio::async_write(stream_, asio::buffer(kContinue),
                                 asio::redirect_error(asio::use_awaitable, failed));
      if (failed) co_return false;
      parser.continue_sent();
    }
    const bool got = co_await read_some(kReadBytes);
    if (!got) co_return false;
  }
}

/// True when the connection may carry another request.
template <class Stream>
Task<bool> Session<Stream>::serve_one() {
  const bool arrived = co_await await_request();
  if (!arrived) co_return false;
  MessageParser parser(shared_->config);
  const bool whole = co_await read_message(parser);
  const bool timed_out = watch_->timed_out;
  if (!whole && !timed_out) co_return false;
  if (!whole || parser.is_refused()) {
    const bool more = co_await refuse(parser, !whole);
    co_return more;
  }

  began_ = Time::now();
  Request request = parser.take_request();
  request.request_id = request_id_ = choose_request_id(request);
  request.client_address = shared_->config.proxies.client_address(peer_, request.headers);
  client_ = request.client_address;
  request.deadline = began_ + shared_->config.request_deadline;
  drop_malformed_trace(request);
  head_only_ = request.method == Method::Head;
  allowed_origin_ = shared_->config.cors.allowed(request);

  Problem refusal;
  learned_ = {};
  const Route* route = find_route(request, refusal);
  route_ = route == nullptr ? "unmatched" : std::string_view(route->path);
  method_ = to_string(request.method);
  Response response;
  if (route == nullptr) {
    const bool asks = refusal.status == 405 && !allowed_origin_.empty() && is_preflight(request);
    response = shared_->router.refuse(request, refusal, learned_);
    if (asks && response.status == 405) response = answer_preflight(refusal);
  } else {
    Request outline = outline_of(request);
    watch_->deadline = request.deadline + kHandlerGrace;
    watch_->running = this;
    Response made = co_await answer(route, request, outline);
    watch_->running = nullptr;
    response = std::move(made);
  }
  if (answered_for_handler_) co_return false;
  learned_.tell(response);
  report(response, Time::now() - began_);
  const bool keep_alive = parser.keep_alive() && (!shared_->draining || bytes_wait());
  const bool sent = co_await send(std::move(response), keep_alive);
  co_return sent;
}

/// The answer to what is no request, or came too slowly; then the end of the connection.
template <class Stream>
Task<bool> Session<Stream>::refuse(MessageParser& parser, bool timed_out) {
  const Request request = parser.take_request();
  allowed_origin_ = {};
  request_id_ = choose_request_id(request);
  head_only_ = request.method == Method::Head;
  route_ = "unmatched";
  client_ = peer_;
  const Problem slow{408, "request_timeout", "Request timeout", {}, {}, {}};
  Response refused = render(timed_out ? slow : parser.refusal());
  method_ = "-";
  report(refused, {});
  const bool sent = co_await send(std::move(refused), false);
  co_return sent;
}

/// The one place where a request's exceptions are caught. `request` is used up.
template <class Stream>
Task<Response> Session<Stream>::answer(const Route* route, Request& request, Request& outline) {
  std::exception_ptr fault;
  try {
    Response response = co_await shared_->router.serve(*route, std::move(request), learned_);
    negotiate(outline, response);
    co_return response;
  } catch (const BadRequest& bad) {
    co_return render(bad.problem);
  } catch (...) {
    fault = std::current_exception();
  }
  const Uuid error_id = make_uuid_v7();
  outline.principal = learned_.admitted;
  const Problem problem = shared_->observer.failed(fault, outline, route_, error_id);
  co_return render(problem, to_string(error_id));
}

/// Runs in the sweeper while the handler is still awaited. Nobody else writes then, and an answer
/// this small fits the socket's empty buffer, so one write that does not block sends it whole. The
/// handler goes on to its end unheard.
template <class Stream>
void Session<Stream>::answer_for_handler() {
  watch_->running = nullptr;
  watch_->deadline = Time::time_point::max();
  answered_for_handler_ = true;
  Response late = render(temporarily_unavailable(std::chrono::seconds(1)));
  learned_.tell(late);
  std::string bytes = head_of(late, false);
  if (!head_only_) bytes += late.content();
  boost::system::error_code failed;
  socket().non_blocking(true, failed);
  if (!failed) stream_.write_some(asio::buffer(bytes), failed);
  socket().shutdown(tcp::socket::shutdown_send, failed);
  report(late, Time::now() - began_);
}

/// Nullptr, and what to say, when nobody answers.
template <class Stream>
const Route* Session<Stream>::find_route(Request& request, Problem& refusal) const {
  if (read_target(request)) return shared_->router.find(request, refusal);
  refusal = validation_failed({{"", "", "malformed_target", "the path or query cannot be read"}});
  return nullptr;
}

template <class Stream>
void Session<Stream>::report(const Response& response, Time::duration took) const {
  shared_->observer.finished({method_, route_, response.status, took, response.content().size(),
                              request_id_, client_, peer_});
}

/// True when all was sent and the connection stays.
template <class Stream>
Task<bool> Session<Stream>::send(Response response, bool keep_alive) {
  expect_within(shared_->config.write_timeout);
  const std::string head = head_of(response, keep_alive);
  const std::string_view body = head_only_ ? std::string_view() : response.content();
  const std::array<asio::const_buffer, 2> parts{asio::buffer(head), asio::buffer(body)};
  boost::system::error_code failed;
  co_await asio::async_write(stream_, parts, asio::redirect_error(asio::use_awaitable, failed));
  if (failed) co_return false;
  if (!keep_alive) co_await close_gently();
  co_return keep_alive;
}

/// Closing over unread bytes sends a reset, and a reset may destroy the last answer before the
/// client has read it (RFC 9112 §9.6). So: say the end, then read what still comes for a moment.
template <class Stream>
Task<void> Session<Stream>::close_gently() {
  expect_within(kLinger);
  boost::system::error_code failed;
  if constexpr (kTls) {
    co_await stream_.async_shutdown(asio::redirect_error(asio::use_awaitable, failed));
  }
  socket().shutdown(tcp::socket::shutdown_send, failed);
  std::array<char, 4096> unheard;
  for (std::size_t total = 0; !failed && total < kLingerBytes;) {
    const std::size_t got = co_await socket().async_read_some(
        asio::buffer(unheard), asio::redirect_error(asio::use_awaitable, failed));
    total += got;
  }
}

Task<void> serve_plain(std::shared_ptr<Sessions> sessions, tcp::socket socket, Watch& watch,
                       std::string peer) {
  Session<tcp::socket> session(std::move(sessions), std::move(socket), watch, std::move(peer));
  co_await session.run();
}

Task<void> serve_tls(std::shared_ptr<Sessions> sessions, tcp::socket socket, Watch& watch,
                     std::string peer) {
  TlsStream stream(std::move(socket), *sessions->tls);
  Session<TlsStream> session(std::move(sessions), std::move(stream), watch, std::move(peer));
  co_await session.run();
}

}  // namespace

void Sessions::sweep(Time::time_point now) {
  for (Watched& session : watched) {
    if (session.socket == nullptr || now < session.deadline) continue;
    if (session.running != nullptr) {
      session.running->answer_for_handler();
      continue;
    }
    // First a cancel, so that a slow request still gets its 408; then the cut.
    boost::system::error_code ignored;
    if (session.timed_out) session.socket->close(ignored);
    session.timed_out = true;
    session.socket->cancel(ignored);
  }
}

Task<void> run_session(std::shared_ptr<Sessions> sessions, tcp::socket socket) {
  Watch watch(*sessions);
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  std::exception_ptr fault;
  try {
    std::string peer = co_await learn_peer(*sessions, *watch, socket);
    if (peer.empty()) co_return;
    if (sessions->tls == nullptr) {
      co_await serve_plain(sessions, std::move(socket), watch, std::move(peer));
    } else {
      co_await serve_tls(sessions, std::move(socket), watch, std::move(peer));
    }
  } catch (...) {
    fault = std::current_exception();  // no memory, no random bytes: this connection only
  }
  if (fault) sessions->observer.failed(fault, Request(), "unmatched", make_uuid_v7());
}

}  // namespace evently::http
