// The running program holds no more than it needs (requirement A9).
#include <gtest/gtest.h>

#include <fstream>

#include "support/server_process.hpp"

namespace evently::testing {
namespace {

/// A field of /proc/PID/task/TID/status, without its tabs.
std::string field_of(const std::filesystem::path& task, const std::string& name) {
  std::ifstream in(task / "status");
  std::string line;
  while (std::getline(in, line)) {
    if (line.starts_with(name + ":")) return line.substr(line.find_last_of("\t ") + 1);
  }
  return "";
}

TEST(Privileges, EveryThreadButTwoIsBound) {
  ServerProcess server;
  int bound = 0;
  int free = 0;
  for (const auto& task :
       std::filesystem::directory_iterator("/proc/" + std::to_string(server.pid()) + "/task")) {
    const bool filtered = field_of(task, "Seccomp") == "2" && field_of(task, "NoNewPrivs") == "1";
    filtered ? ++bound : ++free;
  }
  EXPECT_GE(bound, 4);  // main, the desk, hashing, another worker
  EXPECT_LE(free, 2);   // the log's, and the one that keeps PostgreSQL
}

TEST(Privileges, TheMainThreadHoldsNoCapabilityButThePorts) {
  ServerProcess server;
  const std::filesystem::path main = "/proc/" + std::to_string(server.pid());
  const auto held = std::stoull(field_of(main, "CapEff"), nullptr, 16);
  constexpr unsigned long long kBindLowPorts = 1ULL << 10;
  EXPECT_EQ(held & ~kBindLowPorts, 0U);
}

}  // namespace
}  // namespace evently::testing
