#pragma once

#include <stdexcept>
#include <string>

namespace evently::config {

/// Start-up is not possible as asked; what() is one line a person can act on.
struct StartRefused : std::runtime_error {
  explicit StartRefused(const std::string& line, int code = 78)
      : std::runtime_error(line), exit_code(code) {}
  int exit_code;  ///< sysexits.h: 78 EX_CONFIG, 69 EX_UNAVAILABLE
};

}  // namespace evently::config
