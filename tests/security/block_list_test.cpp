#include "security/block_list.hpp"

#include <gtest/gtest.h>

namespace evently::security {
namespace {

using namespace std::chrono_literals;
const TimePoint kNow = parse_rfc3339("2026-11-25T09:00:00Z").value();

Block block(const std::string& range, BlockScope scope, TimePoint until) {
  Block made;
  made.id = make_uuid_v7();
  made.range = parse_range(range).value();
  made.scope = scope;
  made.expires_at = until;
  return made;
}

TEST(AddressRange, ReadsAddressesAndNetworksOnly) {
  EXPECT_EQ(parse_range("203.0.113.77/24")->text(), "203.0.113.0/24");
  EXPECT_EQ(parse_range("203.0.113.77")->text(), "203.0.113.77/32");
  EXPECT_EQ(parse_range("::ffff:203.0.113.77")->text(), "203.0.113.77/32");
  EXPECT_EQ(parse_range("2001:db8::1/33")->text(), "2001:db8::/33");
  EXPECT_EQ(network_of("2001:db8:1:2:3::1")->text(), "2001:db8:1:2::/64");
  for (const char* wrong : {"", "x", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/-1", "1.2.3.4/ 8",
                            "::1/129", "1.2.3.4.5", "2001:db8::1%eth0"}) {
    EXPECT_FALSE(parse_range(wrong)) << wrong;
  }
}

TEST(BlockList, HoldsNetworksByScopeUntilTheyExpire) {
  BlockList list;
  EXPECT_FALSE(list.look("203.0.113.5", true, kNow));
  list.replace({block("203.0.113.5", BlockScope::Auth, kNow + 1h),
                block("198.51.100.0/22", BlockScope::All, kNow + 90s),
                block("2001:db8::/48", BlockScope::All, kNow + 10s)});
  EXPECT_EQ(list.look("203.0.113.5", true, kNow), 3600s);
  EXPECT_FALSE(list.look("203.0.113.5", false, kNow));
  EXPECT_FALSE(list.look("203.0.113.6", true, kNow));
  EXPECT_EQ(list.look("198.51.103.255", false, kNow), 90s);
  EXPECT_FALSE(list.look("198.51.104.0", false, kNow));
  EXPECT_EQ(list.look("2001:db8:0:ffff::9", false, kNow), 10s);
  EXPECT_FALSE(list.look("2001:db8:0:ffff::9", false, kNow + 10s));
  EXPECT_FALSE(list.look("no address", true, kNow));
}

TEST(BlockList, AddsAndRemovesAtOnce) {
  BlockList list;
  const Block one = block("203.0.113.5", BlockScope::Auth, kNow + 1h);
  list.add(one);
  list.add(one);
  EXPECT_EQ(list.size(), 1U);
  EXPECT_TRUE(list.look("203.0.113.5", true, kNow));
  list.remove(one.id);
  EXPECT_FALSE(list.look("203.0.113.5", true, kNow));
}

}  // namespace
}  // namespace evently::security
