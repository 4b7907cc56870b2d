// What a thread gave up is gone for it and its children, and only for them.
#include "platform/sandbox/sandbox.hpp"

#include <gtest/gtest.h>
#include <sys/capability.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <thread>

namespace evently::sandbox {
namespace {

/// The exit code of a child that runs `act`; the test's own process keeps all it has.
int in_child(const std::function<int()>& act) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(act());
  int status = -1;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int errno_of_exec() {
  char program[] = "/bin/true";
  char* arguments[] = {program, nullptr};
  ::execv(program, arguments);
  return errno;
}

TEST(Sandbox, StartsNoProgram) {
  EXPECT_EQ(in_child(errno_of_exec), 0);  // /bin/true ran
  EXPECT_EQ(in_child([] { return give_up(Scope::Process).empty() ? errno_of_exec() : 99; }), EPERM);
}

TEST(Sandbox, MountsNothing) {
  EXPECT_EQ(in_child([] {
              give_up(Scope::ThisThread);
              return ::mount("none", "/tmp", "tmpfs", 0, nullptr) == 0 ? 0 : errno;
            }),
            EPERM);
}

TEST(Sandbox, KeepsNoCapabilityButThePorts) {
  EXPECT_EQ(in_child([] {
              give_up(Scope::ThisThread);
              const cap_t now = cap_get_proc();
              int kept = 0;
              for (cap_value_t one = 0; one <= CAP_LAST_CAP; ++one) {
                cap_flag_value_t has = CAP_CLEAR;
                cap_get_flag(now, one, CAP_EFFECTIVE, &has);
                if (has == CAP_SET && one != CAP_NET_BIND_SERVICE) ++kept;
              }
              cap_free(now);
              return kept;
            }),
            0);
}

TEST(Sandbox, BindsTheThreadItsChildrenAndNoOther) {
  EXPECT_EQ(in_child([] {
              int inherited = 0;
              std::thread([&] {
                give_up(Scope::ThisThread);
                std::thread([&] { inherited = errno_of_exec(); }).join();
              }).join();
              if (inherited != EPERM) return 98;
              return errno_of_exec();  // this thread gave up nothing: /bin/true runs
            }),
            0);
}

}  // namespace
}  // namespace evently::sandbox
