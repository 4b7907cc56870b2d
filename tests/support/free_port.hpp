#pragma once

#include <cstdint>

namespace evently::testing {

/// A TCP port of 127.0.0.1 that nobody listens on now.
std::uint16_t free_port();
bool is_listening(std::uint16_t port);

}  // namespace evently::testing
