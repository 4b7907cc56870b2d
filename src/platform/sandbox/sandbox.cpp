#include "platform/sandbox/sandbox.hpp"

#include <seccomp.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <memory>

namespace evently::sandbox {
namespace {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EVENTLY_LEAKS_ARE_LOOKED_FOR
#endif
#endif

constexpr int kForbidden[] = {SCMP_SYS(execve),
                              SCMP_SYS(execveat),
#ifndef EVENTLY_LEAKS_ARE_LOOKED_FOR  // the leak checker attaches to its own process at the end
                              SCMP_SYS(ptrace),
#endif
                              SCMP_SYS(process_vm_readv),
                              SCMP_SYS(process_vm_writev),
                              SCMP_SYS(mount),
                              SCMP_SYS(umount2),
                              SCMP_SYS(pivot_root),
                              SCMP_SYS(chroot),
                              SCMP_SYS(unshare),
                              SCMP_SYS(setns),
                              SCMP_SYS(bpf),
                              SCMP_SYS(perf_event_open),
                              SCMP_SYS(userfaultfd),
                              SCMP_SYS(keyctl),
                              SCMP_SYS(add_key),
                              SCMP_SYS(request_key),
                              SCMP_SYS(init_module),
                              SCMP_SYS(finit_module),
                              SCMP_SYS(delete_module),
                              SCMP_SYS(kexec_load),
                              SCMP_SYS(open_by_handle_at)};

std::string failed(const char* what, int error) {
  return std::string(what) + ": " + std::strerror(error) + "; ";
}

std::string drop_capabilities() {
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> none(cap_init(), cap_free);
  if (!none) return failed("capabilities", errno);
  // Only what we have can be kept.
  const std::unique_ptr<std::remove_pointer_t<cap_t>, int (*)(void*)> now(cap_get_proc(), cap_free);
  constexpr cap_value_t kKept[] = {CAP_NET_BIND_SERVICE};
  cap_flag_value_t have = CAP_CLEAR;
  if (now) cap_get_flag(now.get(), kKept[0], CAP_PERMITTED, &have);
  if (have == CAP_SET) {
    cap_set_flag(none.get(), CAP_PERMITTED, std::size(kKept), kKept, CAP_SET);
    cap_set_flag(none.get(), CAP_EFFECTIVE, std::size(kKept), kKept, CAP_SET);
  }
  return cap_set_proc(none.get()) == 0 ? "" : failed("capabilities", errno);
}

std::string forbid_calls(Scope scope) {
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(SCMP_ACT_ALLOW),
                                                      seccomp_release);
  if (!filter) return failed("seccomp", ENOMEM);
  int result = 0;
  if (scope == Scope::Process) result = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);
  for (const int call : kForbidden) {
    if (result == 0) result = seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0);
  }
  if (result == 0) result = seccomp_load(filter.get());
  return result == 0 ? "" : failed("seccomp", -result);
}

}  // namespace

std::string give_up(Scope scope) {
  std::string missing;
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) missing += failed("no_new_privs", errno);
  missing += drop_capabilities();
  missing += forbid_calls(scope);
  if (!missing.empty()) missing.resize(missing.size() - 2);
  return missing;
}

}  // namespace evently::sandbox
