#pragma once

#include <string>

#include "support/server_process.hpp"

namespace evently::testing {

/// A shell's command to its end.
CommandResult run_shell(const std::string& command);

}  // namespace evently::testing
