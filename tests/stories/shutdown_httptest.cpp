// Start, ready, a signal, the end with code 0: round after round, whatever its clients are at.
// A build was once found draining an hour after its SIGTERM (requirement I11).
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "support/own_certificate.hpp"
#include "support/redis_server.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

/// A connection that sent `bytes` and then neither reads nor writes.
class Mute {
 public:
  explicit Mute(std::uint16_t port, std::string_view bytes = "")
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) {
      ADD_FAILURE() << "no connection";
    }
    // What does not fit into the socket is left out: nobody is to wait here.
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
      if (sent <= 0) break;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  ~Mute() { ::close(socket_); }
  Mute(const Mute&) = delete;
  Mute& operator=(const Mute&) = delete;

 private:
  int socket_;
};

/// Everything that takes its time: hashing, the booking desk, a transaction, pages from memory.
class Load {
 public:
  Load(const ServerProcess& server, const Person& person, const std::string& event_id) {
    const std::string wish = R"({"event_id":")" + event_id + R"(","quantity":1})";
    const std::string sign_in =
        R"({"email":")" + person.email + R"(","password":"not the password"})";
    const auto key = [this] { return std::to_string(count_++) + "-key"; };
    for (int i = 0; i < 2; ++i) {
      run(server, [=](HttpClient& client) {
        return client.post(
            "/api/v1/bookings", wish,
            {{"Authorization", "Bearer " + person.token}, {"Idempotency-Key", key()}});
      });
      run(server, [=](HttpClient& client) { return client.post("/api/v1/auth/token", sign_in); });
      run(server,
          [=](HttpClient& client) { return client.get("/api/v1/me", bearer(person.token)); });
      run(server, [](HttpClient& client) { return client.get("/api/v1/events?limit=100"); });
    }
    while (answers_ < 100) ::poll(nullptr, 0, 5);
  }
  ~Load() {
    for (std::thread& thread : threads_) thread.join();
  }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

 private:
  /// Asks until the server takes no more.
  void run(const ServerProcess& server, std::function<Answer(HttpClient&)> ask) {
    threads_.emplace_back([this, &server, ask = std::move(ask)] {
      HttpClient client = server.client();
      try {
        for (;;) {
          const int status = ask(client).status;
          EXPECT_TRUE(status < 500 || status == 503) << status;
          ++answers_;
        }
      } catch (const std::runtime_error&) {
        answers_ += 100;  // it ended before we had begun
      }
    });
  }

  std::atomic<int> answers_{0};
  std::atomic<int> count_{0};
  std::vector<std::thread> threads_;
};

void expect_clean_end(ServerProcess& server, int signal, const std::string& round) {
  EXPECT_EQ(server.stop(signal), 0) << round;
  EXPECT_NE(server.output().find("server.stopped"), std::string::npos) << round;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(server.data())) {
    EXPECT_NE(entry.path().filename(), "postmaster.pid") << round << ": its database runs on";
  }
}

constexpr std::string_view kHalfHead = "GET /api/v1/events HTTP/1.1\r\nHo";
constexpr std::string_view kHalfBody =
    "POST /api/v1/auth/token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Content-Length: 90\r\n\r\n{\"email\":";

std::string many_requests() {
  std::string bytes;
  for (int i = 0; i < 2'000; ++i) {
    bytes += "GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
  }
  return bytes;
}

/// What there is when the signal comes.
struct Round {
  const char* name;
  int signal = SIGTERM;
  int idle = 0;           ///< connections that were answered and are kept, on both ports
  int silent = 0;         ///< connections that never said a word
  bool load = false;      ///< requests under way, and new ones as long as they are taken
  std::string half = {};  ///< of a request whose other half never comes
  bool deaf = false;      ///< a client that asks and asks and never reads
};

const std::vector<Round>& rounds() {
  static const std::vector<Round> all = {
      {.name = "nobody is there"},
      {.name = "nobody is there, Ctrl-C", .signal = SIGINT},
      {.name = "idle", .idle = 50},
      {.name = "idle and silent, Ctrl-C", .signal = SIGINT, .idle = 20, .silent = 50},
      {.name = "load", .load = true},
      {.name = "load, Ctrl-C", .signal = SIGINT, .load = true},
      {.name = "half a head", .idle = 5, .half = std::string(kHalfHead)},
      {.name = "half a body under load", .load = true, .half = std::string(kHalfBody)},
      {.name = "deaf", .idle = 5, .deaf = true},
      {.name = "all of it", .idle = 50, .silent = 50, .load = true, .deaf = true},
  };
  return all;
}

/// Ends it while all that the round wants is going on.
void play(ServerProcess& server, const Round& round, const Person& person,
          const std::string& event_id) {
  std::vector<HttpClient> kept;
  for (int i = 0; i < round.idle; ++i) {
    kept.emplace_back(server.port());
    EXPECT_EQ(kept.back().get("/api/v1/health/live").status, 200);
    kept.emplace_back(server.operations_port());
    EXPECT_EQ(kept.back().get("/health/live").status, 200);
  }
  std::vector<std::unique_ptr<Mute>> mutes;
  for (int i = 0; i < round.silent; ++i) mutes.push_back(std::make_unique<Mute>(server.port()));
  if (!round.half.empty()) {
    mutes.push_back(std::make_unique<Mute>(server.port(), round.half));
    mutes.push_back(std::make_unique<Mute>(server.operations_port(), round.half));
  }
  if (round.deaf) mutes.push_back(std::make_unique<Mute>(server.port(), many_requests()));
  std::optional<Load> load;
  if (round.load) load.emplace(server, person, event_id);
  expect_clean_end(server, round.signal, round.name);
}

TEST(Shutdown, EndsWithCodeZeroInEveryOfTenRounds) {
  ServerProcess server;
  const Person administrator = make_administrator(server);
  const Person person = [&] {
    HttpClient client = server.client();
    return register_person(client);
  }();
  const std::string event_id = [&] {
    HttpClient client = server.client();
    return create_event(client, administrator, 1'000'000);
  }();
  for (const Round& round : rounds()) {
    play(server, round, person, event_id);
    server.start();
  }
}

/// Redis that holds its connections and answers nothing holds nobody here.
TEST(Shutdown, EndsWithCodeZeroWhileRedisHangs) {
  RedisServer redis;
  ServerProcess server({"--redis-url", redis.url()});
  const Person person = [&] {
    HttpClient client = server.client();
    return register_person(client);
  }();
  redis.freeze();
  play(server, {.name = "Redis hangs", .idle = 5, .load = true}, person, "");
  redis.thaw();
}

/// Nor do clients that began to speak TLS and stopped.
TEST(Shutdown, EndsWithCodeZeroWithHandshakesUnderWay) {
  const OwnCertificate own;
  ServerProcess server({"--tls-cert", own.certificate(), "--tls-key", own.key()});
  const Round round{.name = "handshakes", .silent = 50, .half = std::string("\x16\x03\x01\x02", 4)};
  play(server, round, {}, "");
}

}  // namespace
}  // namespace evently::testing
