#include "platform/config/listen_address.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "platform/config/faults.hpp"
#include "support/refusal_of.hpp"

namespace evently::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;

TEST(ListenAddress, TakesAddressAndPort) {
  const ListenAddress listen = parse_listen("127.0.0.1:8080");
  EXPECT_EQ(listen.address, "127.0.0.1");
  EXPECT_EQ(listen.port, 8080);
  EXPECT_TRUE(listen.is_loopback);
}

TEST(ListenAddress, TakesIpv6InBracketsAndGivesItBack) {
  const ListenAddress listen = parse_listen("[::1]:0");
  EXPECT_EQ(listen.address, "::1");
  EXPECT_TRUE(listen.is_loopback);
  EXPECT_EQ(to_string(listen), "[::1]:0");
}

TEST(ListenAddress, KnowsWhatOthersCanReach) {
  EXPECT_FALSE(parse_listen("0.0.0.0:80").is_loopback);
  EXPECT_FALSE(parse_listen("[::]:80").is_loopback);
  EXPECT_TRUE(parse_listen("127.1.2.3:80").is_loopback);
}

TEST(ListenAddress, RefusesWhatIsNotOne) {
  for (const char* text : {"", "8080", ":8080", "localhost:8080", "127.0.0.1",
                           "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x",
                           "127.0.0.1: 80", "::1:8080", "[127.0.0.1]:80", "[::1]", "1.2.3:80"}) {
    EXPECT_NE(refusal_of([&] { parse_listen(text); }), "") << text;
  }
}

TEST(ListenAddress, NamesTheOptionItRefuses) {
  EXPECT_THAT(refusal_of([] { parse_listen("x", "--operations-listen"); }),
              HasSubstr("--operations-listen wants"));
}

TEST(ConfigFaults, AreToldAllAtOnce) {
  ConfigFaults faults;
  faults.collect([] { return parse_listen("x"); });
  faults.collect([] { return parse_listen("y", "--operations-listen"); });
  EXPECT_THAT(refusal_of([&] { faults.refuse_when_any(); }),
              AllOf(HasSubstr("2 faults"), HasSubstr("not x"), HasSubstr("not y")));
}

TEST(ConfigFaults, LetAGoodConfigurationPass) {
  ConfigFaults faults;
  EXPECT_EQ(faults.collect([] { return parse_listen("127.0.0.1:1"); }).port, 1);
  EXPECT_EQ(refusal_of([&] { faults.refuse_when_any(); }), "");
}

}  // namespace
}  // namespace evently::config
