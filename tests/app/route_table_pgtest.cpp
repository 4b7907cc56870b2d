// Requirement C1: the policy that is published is the one that is enforced, route by route.
#include <gtest/gtest.h>

#include <set>

#include "app/worker.hpp"
#include "support/external_cluster.hpp"
#include "support/openapi.hpp"

namespace evently::app {
namespace {

std::string permission_of(const http::Access& access) {
  using Kind = http::Access::Kind;
  if (access.kind == Kind::Public || access.kind == Kind::Optional) return "public";
  if (access.kind == Kind::SignedIn) return "signed_in";
  return std::string(access.permission);
}

TEST(RouteTable, IsTheContract) {
  testing::ExternalCluster cluster;
  testing::ScratchFolder folder;
  const StoreOptions options{folder / "data", cluster.superuser_url()};
  const Store store = Store::open(options);
  SharedParts shared(store, limits::default_limits());
  const Worker worker(store, shared, false);

  std::set<std::string> enforced;
  for (const http::Route& route : worker.router().routes()) {
    enforced.insert(std::string(http::to_string(route.method)) + " " + route.path + " " +
                    permission_of(route.access) + " " + std::string(route.tier) + " " +
                    (route.access.recent ? "required" : ""));
  }
  std::set<std::string> published;
  for (const testing::Operation& one : testing::documented_operations()) {
    published.insert(one.method + " " + one.path + " " + one.permission + " " + one.tier + " " +
                     one.step_up);
  }
  EXPECT_GE(published.size(), 18U);
  for (const std::string& one : enforced) EXPECT_TRUE(published.contains(one)) << one;
  for (const std::string& one : published) EXPECT_TRUE(enforced.contains(one)) << one;
}

}  // namespace
}  // namespace evently::app
