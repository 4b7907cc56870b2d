#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"

namespace evently::http {
namespace {

using ::testing::HasSubstr;

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(ServerLimits, RefusesALongTarget) {
  RunningServer server;
  RawClient client(server.port());
  client.say("GET /" + std::string(9 * 1024, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.rest(), HasSubstr(R"("code":"uri_too_long")"));
}

TEST(ServerLimits, TakesATargetThatJustFits) {
  RunningServer server;
  RawClient client(server.port());
  const std::string id(8 * 1024 - 7, 'a');
  EXPECT_EQ(body_of(client.ask("GET /items/" + id + " HTTP/1.1\r\nHost: a\r\n\r\n")), id);
}

TEST(ServerLimits, RefusesALargeHeader) {
  RunningServer server;
  RawClient client(server.port());
  client.say("GET /hello HTTP/1.1\r\nHost: a\r\nX: " + std::string(17 * 1024, 'a') + "\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 431);
}

TEST(ServerLimits, RefusesAHeaderWithoutEnd) {
  RunningServer server;
  RawClient client(server.port());
  client.say("GET /hello HTTP/1.1\r\nHost: a\r\nX: ");
  const std::string kilobyte(1024, 'a');
  for (int i = 0; i < 64 && client.say(kilobyte); ++i) continue;
  EXPECT_EQ(status_of(client.rest()), 431);
}

TEST(ServerLimits, RefusesTooManyFields) {
  RunningServer server;
  RawClient client(server.port());
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += "X: a\r\n";
  client.say("GET /hello HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n");
  EXPECT_EQ(status_of(client.rest()), 431);
}

TEST(ServerLimits, TakesABodyThatJustFitsAndNoMore) {
  RunningServer server;
  RawClient client(server.port());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: ";
  const std::string body(64 * 1024, 'b');
  EXPECT_EQ(body_of(client.ask(head + "65536\r\n\r\n" + body)), body);
  client.say(head + "65537\r\n\r\n" + body + "b");
  EXPECT_EQ(status_of(client.rest()), 413);
}

TEST(ServerLimits, RefusesALargeChunkedBody) {
  RunningServer server;
  RawClient client(server.port());
  client.say("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "4000\r\n" + std::string(0x4000, 'b') + "\r\n";
  for (int i = 0; i < 5; ++i) client.say(chunk);
  EXPECT_EQ(status_of(client.rest()), 413);
}

TEST(ServerLimits, AnswersARefusalBeforeAskingForTheBody) {
  RunningServer server;
  RawClient client(server.port());
  client.say(
      "POST /echo HTTP/1.1\r\nHost: a\r\nX-Request-Id: large-body-1\r\nContent-Length: 9999999\r\n"
      "Expect: 100-continue\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_EQ(status_of(answer), 413);
  EXPECT_EQ(header_of(answer, "X-Request-Id"), "large-body-1");
}

/// A close over unread bytes would reset the connection and lose the answer.
TEST(ServerLimits, TheRefusalReachesAClientThatIsStillSending) {
  RunningServer server;
  RawClient client(server.port());
  client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\n");
  client.say(std::string(500'000, 'b'));
  EXPECT_EQ(status_of(client.rest()), 413);
}

HttpConfig impatient() {
  HttpConfig config;
  config.header_timeout = config.body_timeout = config.idle_timeout = std::chrono::seconds(1);
  config.request_deadline = std::chrono::seconds(1);
  return config;
}

TEST(ServerLimits, TellsASlowHeaderThatItWasTooSlow) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.say("GET /hello HTTP/1.1\r\nHo");
  EXPECT_THAT(client.rest(), HasSubstr(R"("status":408,"code":"request_timeout")"));
}

TEST(ServerLimits, TellsASlowBodyThatItWasTooSlow) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nab");
  EXPECT_EQ(status_of(client.rest()), 408);
}

TEST(ServerLimits, ABodyThatDripsDoesNotGainTime) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.say("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 60000\r\n\r\n");
  const auto began = std::chrono::steady_clock::now();
  client.socket().non_blocking(true);
  char byte = 0;
  const auto answered = [&] {
    client.say("b");
    return ::recv(client.socket().native_handle(), &byte, 1, MSG_PEEK) == 1;
  };
  EXPECT_TRUE(server.eventually(answered));  // a drop each time it looks
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
}

TEST(ServerLimits, ClosesAnIdleConnectionWithoutAWord) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.ask(kHello);
  EXPECT_TRUE(client.is_closed());
}

TEST(ServerLimits, AnswersForAHandlerThatOverrunsItsDeadline) {
  RunningServer server(impatient());
  RawClient client(server.port());
  client.say("GET /gate HTTP/1.1\r\nHost: a\r\n\r\n");
  const std::string answer = client.rest();
  EXPECT_EQ(status_of(answer), 503);
  EXPECT_EQ(header_of(answer, "Retry-After"), "1");
  EXPECT_EQ(header_of(answer, "Connection"), "close");
  ASSERT_TRUE(server.eventually([&] { return !server.observer().all_finished().empty(); }));
  EXPECT_EQ(server.observer().all_finished().at(0).route, "/gate");
  server.open_gate();
  EXPECT_TRUE(server.eventually([&] { return server.connections() == 0; }));
  EXPECT_EQ(server.observer().all_finished().size(), 1U);  // one answer, one record
}

TEST(ServerLimits, ClosesConnectionsBeyondTheBound) {
  HttpConfig config;
  config.max_connections = 2;
  RunningServer server(config);
  RawClient first(server.port());
  RawClient second(server.port());
  first.ask(kHello);
  second.ask(kHello);
  RawClient third(server.port());
  EXPECT_TRUE(third.is_closed());
  EXPECT_EQ(status_of(first.ask(kHello)), 200);
}

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

/// Ten thousand of them must fit in 250 MiB with all else (A2): 20 KiB each would be 195 MiB.
TEST(ServerLimits, AnIdleConnectionIsSmall) {
  constexpr std::size_t kConnections = 2000;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 2 * kConnections + 200) GTEST_SKIP() << "too few descriptors";

  RunningServer server;
  std::vector<int> sockets;
  sockets.reserve(kConnections);
  RawClient(server.port()).ask(kHello);
  const std::size_t before = resident_bytes();
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(server.port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (std::size_t i = 0; i < kConnections; ++i) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockets.push_back(socket);
    ASSERT_EQ(::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ASSERT_GT(::send(socket, kHello.data(), kHello.size(), MSG_NOSIGNAL), 0);
    char answer[2048];
    ASSERT_GT(::recv(socket, answer, sizeof answer, 0), 0);
  }
  EXPECT_GE(server.connections(), kConnections);
  const std::size_t each = (resident_bytes() - before) / kConnections;
  for (const int socket : sockets) ::close(socket);
  RecordProperty("bytes_each", static_cast<int>(each));
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  GTEST_SKIP() << "a sanitizer's memory is not ours: " << each << " bytes each";
#endif
#endif
  EXPECT_LT(each, 20U * 1024);
}

}  // namespace
}  // namespace evently::http
