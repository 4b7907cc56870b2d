#pragma once

#include <string>

namespace evently::sandbox {

enum class Scope {
  /// The calling thread and every thread it starts from now on.
  ThisThread,
  /// All threads of the process.
  Process,
};

/// Gives up for good what serving requests never needs: Linux capabilities (all but binding low
/// ports, this thread only), new privileges by set-uid programs, and the system calls that start
/// programs, look into other processes, mount, load kernel code or make namespaces; those answer
/// EPERM from then on.
///
/// returns  what could not be given up, for the log; empty when all was
/// source   capabilities(7), seccomp(2); docs/decisions/0012
std::string give_up(Scope scope);

}  // namespace evently::sandbox
