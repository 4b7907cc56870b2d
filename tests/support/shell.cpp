#include "support/shell.hpp"

#include <sys/wait.h>

#include <cstdio>
#include <stdexcept>

namespace evently::testing {

CommandResult run_shell(const std::string& command) {
  FILE* out = ::popen((command + " 2>&1").c_str(), "re");
  if (out == nullptr) throw std::runtime_error("no shell");
  std::string text;
  char buffer[4096];
  while (std::fgets(buffer, sizeof buffer, out) != nullptr) text += buffer;
  const int status = ::pclose(out);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), text};
}

}  // namespace evently::testing
