#pragma once

#include <cstdio>
#include <cstdlib>

namespace evently {

/// After a switch that names every case: a value outside the enum is a broken program.
[[noreturn]] inline void unreachable(const char* where) {
  std::fprintf(stderr, "unreachable: %s\n", where);
  std::abort();
}

}  // namespace evently
