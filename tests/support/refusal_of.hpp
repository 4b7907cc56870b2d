#pragma once

#include <string>

#include "platform/config/refusal.hpp"

namespace evently::testing {

/// What a start that must be refused says; empty when it was not refused.
template <class Start>
std::string refusal_of(Start start) {
  try {
    start();
  } catch (const config::StartRefused& refusal) {
    return refusal.what();
  }
  return "";
}

}  // namespace evently::testing
