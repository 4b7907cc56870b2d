#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/http/wire/raw_client.hpp"
#include "platform/http/wire/running_server.hpp"

namespace evently::http {
namespace {

using ::testing::HasSubstr;

const std::string kHello = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
const std::string kGate = "GET /gate HTTP/1.1\r\nHost: a\r\n\r\n";

TEST(Drain, ClosesIdleConnections) {
  RunningServer server;
  RawClient used(server.port());
  RawClient fresh(server.port());
  used.ask(kHello);
  ASSERT_TRUE(server.eventually([&] { return server.connections() == 2; }));
  server.drain();
  EXPECT_TRUE(used.is_closed());
  EXPECT_TRUE(fresh.is_closed());
  EXPECT_TRUE(server.eventually([&] { return server.connections() == 0; }));
}

TEST(Drain, AnswersARequestUnderWayAndThenCloses) {
  RunningServer server;
  RawClient client(server.port());
  client.say(kGate);
  ASSERT_TRUE(server.eventually([&] { return server.waiting_at_gate() == 1; }));
  server.drain();
  server.open_gate();
  const std::string answer = client.rest();
  EXPECT_EQ(body_of(answer), "through");
  EXPECT_EQ(header_of(answer, "Connection"), "close");
}

TEST(Drain, AnswersARequestThatWasOnItsWayToAnIdleConnection) {
  RunningServer server;
  RawClient client(server.port());
  client.ask(kHello);
  server.drain();
  client.say(kHello);
  EXPECT_EQ(status_of(client.rest()), 200);
}

TEST(Drain, AnswersARequestThatHasArrivedInPart) {
  RunningServer server;
  RawClient client(server.port());
  client.ask(kHello);
  client.say("GET /hello HTTP/1.1\r\nHo");
  // Served by the same loop: once this is answered, the half request before it has been read.
  RawClient(server.port()).ask(kHello);
  server.drain();
  client.say("st: a\r\n\r\n");
  EXPECT_EQ(status_of(client.rest()), 200);
}

TEST(Drain, AnswersARequestThatWaitsUnreadInTheKernel) {
  RunningServer server;
  RawClient client(server.port());
  client.ask(kHello);
  server.on_loop([&] {
    client.say(kHello);  // the loop is busy here, so nobody has read it
  });
  server.drain();
  EXPECT_EQ(status_of(client.rest()), 200);
}

TEST(Drain, AnswersAllPipelinedRequests) {
  RunningServer server;
  RawClient client(server.port());
  client.say(kGate + kHello + kHello);
  ASSERT_TRUE(server.eventually([&] { return server.waiting_at_gate() == 1; }));
  server.drain();
  server.open_gate();
  EXPECT_EQ(status_of(client.answer()), 200);
  EXPECT_EQ(header_of(client.answer(), "Connection"), "");
  EXPECT_THAT(client.rest(), HasSubstr("\r\nConnection: close\r\n"));
}

TEST(Drain, AnswersConnectionsThatTheKernelHadAccepted) {
  RunningServer server;
  std::vector<std::unique_ptr<RawClient>> clients;
  server.on_loop([&] {
    for (int i = 0; i < 20; ++i) {
      clients.push_back(std::make_unique<RawClient>(server.port()));
      clients.back()->say(kHello);
    }
  });
  server.drain();
  for (const auto& client : clients) EXPECT_EQ(status_of(client->rest()), 200);
  // The program stops the loop then: not before the last of them has its answer.
  ASSERT_TRUE(server.eventually([&] { return server.answered_when_drained() >= 0; }));
  EXPECT_EQ(server.answered_when_drained(), 20);
}

TEST(Drain, IsOverAtOnceWhenNobodyIsThere) {
  RunningServer server;
  server.drain();
  EXPECT_EQ(server.answered_when_drained(), 0);
}

TEST(Drain, IsNotOverWhileARequestIsUnderWay) {
  RunningServer server;
  RawClient client(server.port());
  client.say(kGate);
  ASSERT_TRUE(server.eventually([&] { return server.waiting_at_gate() == 1; }));
  server.drain();
  EXPECT_EQ(server.answered_when_drained(), -1);
  server.open_gate();
  EXPECT_EQ(status_of(client.rest()), 200);
  EXPECT_TRUE(server.eventually([&] { return server.answered_when_drained() == 1; }));
}

TEST(Drain, TakesNoNewConnections) {
  RunningServer server;
  server.drain();
  EXPECT_THROW(RawClient(server.port()), std::exception);
}

TEST(Close, CutsWhatIsStillThere) {
  RunningServer server;
  RawClient client(server.port());
  client.say("GET /hello HTTP/1.1\r\nHo");
  ASSERT_TRUE(server.eventually([&] { return server.connections() == 1; }));
  server.close();
  EXPECT_TRUE(server.eventually([&] { return server.connections() == 0; }));
}

TEST(Close, CutsAConnectionThatComesInTheSameMoment) {
  RunningServer server;
  std::unique_ptr<RawClient> client;
  server.close_after([&] { client = std::make_unique<RawClient>(server.port()); });
  EXPECT_TRUE(client->is_closed());
}

}  // namespace
}  // namespace evently::http
