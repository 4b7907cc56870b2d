#include "platform/redis/connection.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <deque>
#include <random>
#include <stdexcept>

namespace evently::redis {
namespace {

namespace asio = boost::asio;
using asio::redirect_error;
using asio::use_awaitable;
using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr milliseconds kCallLimit{20};
constexpr milliseconds kConnectLimit{1'000};
constexpr milliseconds kFirstPause{100};
constexpr milliseconds kLongestPause{2'000};
constexpr std::size_t kMaxWaiting = 1'024;

struct FreeReader {
  void operator()(redisReader* reader) const { redisReaderFree(reader); }
};

Reply convert(const redisReply& reply) {
  Reply out;
  switch (reply.type) {
    case REDIS_REPLY_INTEGER:
      out.kind = Reply::Kind::Number;
      out.number = reply.integer;
      break;
    case REDIS_REPLY_STRING:
    case REDIS_REPLY_STATUS:
      out.kind = Reply::Kind::Text;
      out.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ERROR:
      out.kind = Reply::Kind::Error;
      out.text.assign(reply.str, reply.len);
      break;
    case REDIS_REPLY_ARRAY:
      out.kind = Reply::Kind::List;
      for (std::size_t i = 0; i < reply.elements; ++i)
        out.list.push_back(convert(*reply.element[i]));
      break;
    default:
      break;
  }
  return out;
}

std::string format(const Connection::Command& command) {
  std::vector<const char*> words;
  std::vector<std::size_t> lengths;
  for (const std::string& word : command) {
    words.push_back(word.data());
    lengths.push_back(word.size());
  }
  char* bytes = nullptr;
  // An int up to hiredis 1.2, a long long since.
  const auto size =
      redisFormatCommandArgv(&bytes, static_cast<int>(words.size()), words.data(), lengths.data());
  if (size < 0) throw std::bad_alloc();
  const std::unique_ptr<char, decltype(&std::free)> owner(bytes, &std::free);
  return {bytes, static_cast<std::size_t>(size)};
}

/// Full jitter: nodes that lost Redis together do not come back together.
milliseconds jittered(milliseconds most) {
  thread_local std::minstd_rand random(std::random_device{}());
  return milliseconds(std::uniform_int_distribution<long>(most.count() / 2, most.count())(random));
}

}  // namespace

/// Lives as long as a coroutine of it.
class Connection::Link : public std::enable_shared_from_this<Link> {
 public:
  Link(asio::io_context& io, RedisAddress address, std::function<void(bool)> watcher)
      : io_(io),
        address_(std::move(address)),
        watcher_(std::move(watcher)),
        socket_(io),
        pause_(io) {}

  Task<void> keep_up();
  asio::any_io_executor get_executor() { return io_.get_executor(); }
  Task<std::optional<Reply>> call(Command command, milliseconds limit);
  bool is_up() const { return is_up_; }
  void stop() {
    stopped_ = true;
    watcher_ = {};
    drop();
    pause_.cancel();
  }

 private:
  struct Waiting {
    explicit Waiting(asio::io_context& io) : woken(io) {}
    asio::steady_timer woken;
    std::optional<Reply> reply;
    bool done = false;
  };

  Task<bool> open();
  Task<bool> greet();
  Task<void> read_until_lost();
  Task<void> write_all();
  bool take_replies();
  void drop();
  void tell(bool up);

  asio::io_context& io_;
  const RedisAddress address_;
  std::function<void(bool)> watcher_;
  tcp::socket socket_;
  asio::steady_timer pause_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  std::deque<std::shared_ptr<Waiting>> waiting_;
  std::string unsent_;
  bool is_open_ = false;
  bool is_up_ = false;
  bool writes_ = false;
  bool stopped_ = false;
};

void Connection::Link::tell(bool up) {
  if (is_up_ == up) return;
  is_up_ = up;
  if (watcher_) watcher_(up);
}

/// Whoever waits is woken with nothing; late answers of the old connection are never read.
void Connection::Link::drop() {
  is_open_ = false;
  boost::system::error_code ignored;
  socket_.close(ignored);
  unsent_.clear();
  for (const auto& one : waiting_) {
    one->done = true;
    one->woken.cancel();
  }
  waiting_.clear();
  tell(false);
}

Task<bool> Connection::Link::open() {
  const auto self = shared_from_this();
  tcp::resolver resolver(io_);
  boost::system::error_code failed;
  const std::string port = std::to_string(address_.port);
  const auto found =
      co_await resolver.async_resolve(address_.host, port, redirect_error(use_awaitable, failed));
  if (failed || stopped_) co_return false;
  asio::steady_timer limit(io_, kConnectLimit);
  limit.async_wait([self](boost::system::error_code ended) {
    boost::system::error_code ignored;
    if (!ended && !self->is_open_) self->socket_.close(ignored);
  });
  co_await asio::async_connect(socket_, found, redirect_error(use_awaitable, failed));
  if (failed || stopped_) co_return false;
  socket_.set_option(tcp::no_delay(true), failed);
  reader_.reset(redisReaderCreate());
  if (!reader_) throw std::bad_alloc();
  is_open_ = true;
  co_return true;
}

/// A connection counts when it has answered: the kernel accepts for a Redis that hangs, too.
Task<bool> Connection::Link::greet() {
  std::vector<Command> greetings;
  if (!address_.password.empty()) greetings.push_back({"AUTH", address_.password});
  if (address_.database != 0) {
    greetings.push_back({"SELECT", std::to_string(address_.database)});
  }
  greetings.push_back({"PING"});
  for (const Command& greeting : greetings) {
    const auto reply = co_await call(greeting, kConnectLimit);
    if (!reply || reply->kind == Reply::Kind::Error) co_return false;
  }
  co_return true;
}

Task<void> Connection::Link::keep_up() {
  const auto self = shared_from_this();
  milliseconds longest = kFirstPause;
  while (!stopped_) {
    const bool opened = co_await open();
    if (opened) {
      asio::co_spawn(io_, read_until_lost(), asio::detached);
      const bool greeted = co_await greet();
      if (!greeted) drop();
      if (greeted && is_open_) {
        tell(true);
        longest = kFirstPause;
      }
    }
    while (is_up_ && !stopped_) {
      pause_.expires_after(kLongestPause);
      boost::system::error_code ignored;
      co_await pause_.async_wait(redirect_error(use_awaitable, ignored));
    }
    if (stopped_) co_return;
    pause_.expires_after(jittered(longest));
    longest = std::min(longest * 2, kLongestPause);
    boost::system::error_code ignored;
    co_await pause_.async_wait(redirect_error(use_awaitable, ignored));
  }
}

bool Connection::Link::take_replies() {
  while (true) {
    void* raw = nullptr;
    if (redisReaderGetReply(reader_.get(), &raw) != REDIS_OK) return false;
    if (raw == nullptr) return true;
    const std::unique_ptr<void, decltype(&freeReplyObject)> reply(raw, &freeReplyObject);
    if (waiting_.empty()) return false;
    const auto one = waiting_.front();
    waiting_.pop_front();
    one->reply = convert(*static_cast<redisReply*>(raw));
    one->done = true;
    one->woken.cancel();
  }
}

Task<void> Connection::Link::read_until_lost() {
  const auto self = shared_from_this();
  std::array<char, 4096> bytes;
  const auto room = asio::buffer(bytes);
  while (is_open_) {
    boost::system::error_code failed;
    const std::size_t got =
        co_await socket_.async_read_some(room, redirect_error(use_awaitable, failed));
    if (failed) break;
    redisReaderFeed(reader_.get(), bytes.data(), got);
    if (!take_replies()) break;
  }
  drop();
  pause_.cancel();
}

Task<void> Connection::Link::write_all() {
  const auto self = shared_from_this();
  while (is_open_ && !unsent_.empty()) {
    const std::string sending = std::exchange(unsent_, {});
    const auto bytes = asio::buffer(sending);
    boost::system::error_code failed;
    co_await asio::async_write(socket_, bytes, redirect_error(use_awaitable, failed));
    if (failed) drop();
  }
  writes_ = false;
}

Task<std::optional<Reply>> Connection::Link::call(Command command, milliseconds limit) {
  const auto self = shared_from_this();
  if (!is_open_ || waiting_.size() >= kMaxWaiting) co_return std::nullopt;
  const auto mine = std::make_shared<Waiting>(io_);
  waiting_.push_back(mine);
  unsent_ += format(command);
  if (!writes_) {
    writes_ = true;
    asio::co_spawn(io_, write_all(), asio::detached);
  }
  mine->woken.expires_after(limit);
  boost::system::error_code ignored;
  if (!mine->done) co_await mine->woken.async_wait(redirect_error(use_awaitable, ignored));
  if (!mine->done) drop();  // an answer that comes later would be taken for that of the next call
  co_return std::move(mine->reply);
}

Connection::Connection(asio::io_context& io, RedisAddress address,
                       std::function<void(bool)> watcher)
    : link_(std::make_shared<Link>(io, std::move(address), std::move(watcher))) {}

Connection::~Connection() { link_->stop(); }

void Connection::start() {
  asio::co_spawn(link_->get_executor(), [link = link_] { return link->keep_up(); }, asio::detached);
}

bool Connection::is_up() const { return link_->is_up(); }

Task<std::optional<Reply>> Connection::call(Command command) {
  const auto link = link_;
  if (!link->is_up()) co_return std::nullopt;
  auto reply = co_await link->call(std::move(command), kCallLimit);
  co_return reply;
}

}  // namespace evently::redis
