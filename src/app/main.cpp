#include <cstdio>
#include <exception>

#include "app/commands/options.hpp"
#include "platform/config/refusal.hpp"

int main(int argc, char** argv) {
  try {
    return evently::app::run_command_line(argc, argv);
  } catch (const evently::config::StartRefused& refusal) {
    std::fprintf(stderr, "evently: %s\n", refusal.what());
    return refusal.exit_code;
  } catch (const std::exception& fault) {
    std::fprintf(stderr, "evently: %s\n", fault.what());
    return 70;  // EX_SOFTWARE
  }
}
