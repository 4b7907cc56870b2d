// Who asks too much: exact windows, failed sign-ins, whose request it is, what the answer says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <mutex>
#include <regex>
#include <thread>

#include "support/booking_wish.hpp"
#include "support/server_process.hpp"
#include "support/smtp_sink.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using Time = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr char kTake[] = "/api/v1/auth/token";

/// One server with the limits as they come but a booking tier of two seconds; the test is a
/// trusted proxy, so that it may be anybody.
ServerProcess& server() {
  static ServerProcess process(
      {"--behind-proxy", "127.0.0.0/8", "--limit", "booking=5/2", "--block-scope", "off"},
      RateLimits::AsGiven);
  return process;
}

/// An address that no other test uses.
std::string fresh_address() {
  static std::atomic<int> count{0};
  const int i = count++;
  return "198.18." + std::to_string(i / 250) + "." + std::to_string(1 + i % 250);
}

Headers from(const std::string& address, Headers more = {}) {
  more.emplace_back("X-Forwarded-For", address);
  return more;
}

std::string fresh_email() {
  static std::atomic<int> count{0};
  return "limited" + std::to_string(count++) + "@example.org";
}

std::string credentials(const std::string& email, const std::string& password) {
  return R"({"email":")" + email + R"(","password":")" + password + R"("})";
}
constexpr char kPassword[] = "correct horse battery";

std::string register_at(HttpClient& client, const std::string& address) {
  const std::string email = fresh_email();
  const Answer made =
      client.post("/api/v1/auth/register",
                  R"({"email":")" + email + R"(","name":"Ada","password":")" + kPassword + R"("})",
                  from(address));
  EXPECT_EQ(made.status, 201) << made.body;
  return email;
}

int try_password(HttpClient& client, const std::string& address, const std::string& email,
                 const std::string& password, Headers more = {}) {
  return client.post(kTake, credentials(email, password), from(address, std::move(more))).status;
}

/// What a page of ours sends before anybody is signed in, in a browser that may have a device
/// cookie.
Headers page(HttpClient& client, const std::string& device = "") {
  const Answer ticket = client.get("/api/v1/auth/csrf");
  const std::string set = ticket.header("set-cookie");
  const std::string jar = set.substr(0, set.find(';')) + (device.empty() ? "" : "; " + device);
  return {{"Cookie", jar},
          {"Sec-Fetch-Site", "same-origin"},
          {"X-CSRF-Token", ticket.text("/csrf_token")}};
}

/// Signs a browser out that `signed_in` signed in. What it keeps of its device cookie: nothing when
/// the server has its cookies cleared.
std::string device_after_sign_out(HttpClient& client, const Answer& signed_in,
                                  const std::string& device) {
  std::smatch session;
  const std::string cookies = signed_in.header("set-cookie");
  EXPECT_TRUE(std::regex_search(cookies, session, std::regex("__Host-evently_session=[^;]+")));
  const Answer out =
      client.post("/api/v1/auth/logout", "{}",
                  from(fresh_address(), {{"Cookie", session.str() + "; " + device},
                                         {"Sec-Fetch-Site", "same-origin"},
                                         {"X-CSRF-Token", signed_in.text("/csrf_token")}}));
  EXPECT_EQ(out.status, 204) << out.body;
  const std::string clears = out.header("clear-site-data");
  const bool spares =
      clears.find("\"cookies\"") == std::string::npos && clears.find("\"*\"") == std::string::npos;
  const bool is_expired = out.header("set-cookie").find("evently_device") != std::string::npos;
  return spares && !is_expired ? device : "";
}

/// Out of the one mail that the server has written.
std::string mailed_code() {
  const auto folder = server().data_dir() / "data" / "mail";
  std::string message;  // a file is whole a moment after it is there
  for (const auto end = Time::now() + 20s; !message.ends_with("\r\n") && Time::now() < end;) {
    ::poll(nullptr, 0, 10);
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& file : std::filesystem::directory_iterator(folder)) {
      message = read_text(file.path());
    }
  }
  const std::string body = body_of(message);
  return body.substr(body.find("Code: ") + 6, 64);
}

struct Grant {
  Time::time_point asked;
  Time::time_point answered;
};

/// Eight clients of one person, from many addresses, as fast as they can.
std::vector<Grant> hammer_bookings(const std::string& token, Time::duration how_long) {
  std::mutex mutex;
  std::vector<Grant> grants;
  std::vector<std::thread> clients;
  for (int i = 0; i < 8; ++i) {
    clients.emplace_back([&] {
      HttpClient client = server().client();
      Headers headers = bearer(token);
      headers = from(fresh_address(), headers);
      for (const auto end = Time::now() + how_long; Time::now() < end;) {
        const auto asked = Time::now();
        const Answer answer = client.post("/api/v1/bookings", "{}", headers);
        if (answer.status == 429 && answer.text("/tier") == "global") {
          headers.back().second = fresh_address();
        }
        if (answer.status == 429) continue;
        const std::lock_guard lock(mutex);
        grants.push_back({asked, Time::now()});
      }
    });
  }
  for (std::thread& client : clients) client.join();
  return grants;
}

TEST(RateLimits, NoWindowHoldsSixGrantsOfFive) {
  HttpClient client = server().client();
  const std::string address = fresh_address();
  const std::string email = register_at(client, address);
  const std::string token =
      client.post(kTake, credentials(email, kPassword), from(address)).text("/access_token");
  auto grants = hammer_bookings(token, 9s);
  EXPECT_GE(grants.size(), 16U);
  std::sort(grants.begin(), grants.end(),
            [](const Grant& a, const Grant& b) { return a.asked < b.asked; });
  for (std::size_t i = 0; i + 5 < grants.size(); ++i) {
    Time::time_point last{};
    for (std::size_t j = i; j <= i + 5; ++j) last = std::max(last, grants[j].answered);
    EXPECT_GE(last - grants[i].asked, 2s);
  }
}

TEST(RateLimits, AReplayCostsNoBooking) {
  ServerProcess slow({"--limit", "booking=3/600"}, RateLimits::AsGiven);
  HttpClient client = slow.client();
  const BookingWish wish = make_booking_wish(slow);
  for (int i = 0; i < 8; ++i) {
    const Answer answer = wish.repeat(client);
    ASSERT_EQ(answer.status, 201) << i;
    EXPECT_EQ(answer.header("idempotent-replayed"), i == 0 ? "" : "true");
    EXPECT_EQ(answer.header("ratelimit-limit"), i == 0 ? "3" : "");
  }
  EXPECT_EQ(wish.book(client).status, 201);
  const Answer third = wish.book(client);
  EXPECT_EQ(third.status, 201);
  EXPECT_EQ(third.header("ratelimit-remaining"), "0");
  EXPECT_EQ(wish.book(client).status, 429);
}

TEST(RateLimits, TheRefusalTellsTierAndTimeAndWaitingIsEnough) {
  HttpClient client = server().client();
  const std::string address = fresh_address();
  const std::string email = register_at(client, address);
  const std::string token =
      client.post(kTake, credentials(email, kPassword), from(address)).text("/access_token");
  const Headers headers = from(address, bearer(token));
  Answer answer;
  std::vector<int> left;
  for (int i = 0; i < 5; ++i) {
    answer = client.post("/api/v1/bookings", "{\"event_id\":1}", headers);
    ASSERT_NE(answer.status, 429);
  }
  answer = client.post("/api/v1/bookings", "{}", headers);
  ASSERT_EQ(answer.status, 429);
  EXPECT_EQ(answer.text("/code"), "rate_limited");
  EXPECT_EQ(answer.text("/tier"), "booking");
  EXPECT_EQ(answer.header("ratelimit-policy"), R"("global";q=10000;w=900, "booking";q=5;w=2)");
  const std::regex item(R"re("[a-z]+";r=[0-9]+;t=[0-9]+(, "[a-z]+";r=[0-9]+;t=[0-9]+)*)re");
  EXPECT_TRUE(std::regex_match(answer.header("ratelimit"), item)) << answer.header("ratelimit");
  EXPECT_EQ(answer.header("ratelimit-limit"), "5");
  EXPECT_EQ(answer.header("ratelimit-remaining"), "0");
  const auto end = Time::now() + std::chrono::seconds(std::stoi(answer.header("retry-after")));
  while (Time::now() < end) client.get("/api/v1/health/live", from(address));
  EXPECT_NE(client.post("/api/v1/bookings", "{}", headers).status, 429);
}

TEST(RateLimits, ARefusedBookingLeavesTheGlobalLimitAsItWas) {
  HttpClient client = server().client();
  const std::string address = fresh_address();
  const std::string email = register_at(client, address);
  const std::string token =
      client.post(kTake, credentials(email, kPassword), from(address)).text("/access_token");
  Headers headers = from(address, bearer(token));
  const auto refusals = [&] {
    int count = 0;
    for (int i = 0; i < 200; ++i) {
      count += client.post("/api/v1/bookings", "{}", headers).status == 429 ? 1 : 0;
    }
    return count;
  };
  EXPECT_GE(refusals(), 150);
  // Ten or so were granted above; 200 refusals, had they counted, would show.
  const Answer read = client.get("/api/v1/events", from(address));
  std::smatch found;
  const std::string standing = read.header("ratelimit");
  ASSERT_TRUE(std::regex_search(standing, found, std::regex(R"re("global";r=([0-9]+))re")));
  EXPECT_GE(std::stoi(found[1]), 950);
}

TEST(RateLimits, FailedSignInsCountAndSuccessesDoNot) {
  HttpClient client = server().client();
  const std::string address = fresh_address();
  const std::string email = register_at(client, fresh_address());
  for (int i = 0; i < 7; ++i) EXPECT_EQ(try_password(client, address, email, kPassword), 200);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(try_password(client, address, "nobody" + std::to_string(i) + "@example.org", "no"),
              401);
  }
  const Answer refused = client.post(kTake, credentials(email, kPassword), from(address));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.text("/tier"), "auth");
  EXPECT_GE(std::stoi(refused.header("retry-after")), 800);
  EXPECT_EQ(try_password(client, fresh_address(), email, kPassword), 200);
  // The rest of the program stays open to that network.
  EXPECT_EQ(client.get("/api/v1/events", from(address)).status, 200);
}

TEST(RateLimits, SimultaneousGuessesGetFiveFailuresAndHonestPeopleWaitForEachOther) {
  const std::string address = fresh_address();
  HttpClient setup = server().client();
  const std::string email = register_at(setup, fresh_address());
  const auto all_at_once = [&](const std::string& password) {
    std::map<int, int> statuses;
    std::mutex mutex;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        HttpClient client = server().client();
        const int status = try_password(client, address, email, password);
        const std::lock_guard lock(mutex);
        ++statuses[status];
      });
    }
    for (std::thread& client : clients) client.join();
    return statuses;
  };
  EXPECT_EQ(all_at_once(kPassword)[200], 8);
  auto guesses = all_at_once("wrong horse battery");
  EXPECT_EQ(guesses[401], 5);
  EXPECT_EQ(guesses[429] + guesses[503], 3);
}

TEST(RateLimits, StrangersCannotLockAKnownBrowserOut) {
  HttpClient client = server().client();
  const std::string email = register_at(client, fresh_address());
  const std::string home = fresh_address();
  const Answer first =
      client.post("/api/v1/auth/login", credentials(email, kPassword), from(home, page(client)));
  ASSERT_EQ(first.status, 200) << first.body;
  std::smatch found;
  const std::string cookies = first.header("set-cookie");
  ASSERT_TRUE(
      std::regex_search(cookies, found, std::regex("(__Host-evently_device=[^;]+); Path=/")));
  // Signing out, as people do when they see an attack, must not cost them the device.
  const Headers known = page(client, device_after_sign_out(client, first, found[1]));

  // Its own network is spent too: guesses from a neighbour behind the same NAT.
  for (int i = 0; i < 5; ++i) try_password(client, home, fresh_email(), "wrong");
  for (int i = 0; i < 50; ++i) {
    const std::string stranger = fresh_address();
    for (int j = 0; j < 2; ++j) {
      EXPECT_EQ(try_password(client, stranger, email, "wrong horse battery"), 401);
    }
  }
  // From elsewhere even the right one is answered like a wrong one now; a code goes out by mail.
  EXPECT_EQ(try_password(client, fresh_address(), email, kPassword), 401);
  EXPECT_EQ(client
                .post(kTake,
                      R"({"email":")" + email + R"(","password":")" + kPassword +
                          R"(","mail_code":")" + mailed_code() + "\"}",
                      from(fresh_address()))
                .status,
            200);
  EXPECT_EQ(try_password(client, home, email, kPassword, known), 200);

  // The mark is for that account alone, and its own failures have an end.
  const std::string other = register_at(client, fresh_address());
  EXPECT_EQ(try_password(client, home, other, kPassword, known), 429);
  for (int i = 0; i < 9; ++i) EXPECT_EQ(try_password(client, home, email, "no", known), 401);
  EXPECT_EQ(try_password(client, home, email, kPassword, known), 200) << "the nine are forgotten";
  for (int i = 0; i < 10; ++i) EXPECT_EQ(try_password(client, home, email, "no", known), 401);
  EXPECT_EQ(try_password(client, home, email, kPassword, known), 429);
}

TEST(RateLimits, AskingWhichAddressesAreTakenCountsAsFailure) {
  HttpClient client = server().client();
  const std::string email = register_at(client, fresh_address());
  const std::string address = fresh_address();
  const std::string again =
      R"({"email":")" + email + R"(","name":"Eve","password":")" + kPassword + R"("})";
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.post("/api/v1/auth/register", again, from(address)).status, 409);
  }
  EXPECT_EQ(client.post("/api/v1/auth/register", again, from(address)).status, 429);
}

/// How many of many requests are answered at once, each with headers of its own.
int answered_of(int count, const std::string& path, const std::function<Headers(int)>& headers_of) {
  HttpClient client = server().client();
  int answered = 0;
  for (int i = 0; i < count; ++i) {
    answered += client.get(path, headers_of(i)).status != 429 ? 1 : 0;
  }
  return answered;
}

TEST(RateLimits, AForgedForwardedForIsOneClientAndOneNetIsOneClient) {
  const std::string address = fresh_address();
  const auto forged = [&](int i) {
    return from("10.9." + std::to_string(i % 250) + ".1, " + address);
  };
  const int by_forgery = answered_of(400, "/api/v1/events", forged);
  EXPECT_LT(by_forgery, 250);
  const auto in_one_net = [](int i) { return from("2001:db8:7:7::" + std::to_string(i + 1)); };
  EXPECT_LT(answered_of(400, "/api/v1/events", in_one_net), 250);
  const auto apart = [](int i) { return from("203.0.113." + std::to_string(i % 250 + 1)); };
  EXPECT_EQ(answered_of(400, "/api/v1/events", apart), 400);
}

TEST(RateLimits, HealthIsNeverRefusedAndPathsThatAreNotAreCounted) {
  const std::string address = fresh_address();
  const auto same = [&](int) { return from(address); };
  const int answered = answered_of(1'500, "/nothing/here", same);
  EXPECT_GE(answered, 1'000);
  EXPECT_LT(answered, 1'500);
  EXPECT_EQ(answered_of(20, "/api/v1/health/live", same), 20);
  HttpClient client = server().client();
  EXPECT_THAT(client.get("/api/v1/health/live", from(address)).headers,
              Not(::testing::Contains(::testing::Key("ratelimit"))));
}

TEST(RateLimits, WrongOptionsAreNamedAllAtOnce) {
  const CommandResult refused =
      run_evently({"serve", "--data-dir", "/nonexistent/evently", "--limit", "booking=0/60",
                   "--limit", "nothing=1/2", "--limit", "read=off"});
  EXPECT_EQ(refused.exit_code, 78);
  EXPECT_THAT(refused.output, HasSubstr("booking=0/60"));
  EXPECT_THAT(refused.output, HasSubstr("nothing=1/2"));
  EXPECT_THAT(refused.output, Not(HasSubstr("read=off")));
}

}  // namespace
}  // namespace evently::testing
