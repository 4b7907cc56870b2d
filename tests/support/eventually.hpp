#pragma once

#include <chrono>
#include <functional>

namespace evently::testing {

/// Waits for a condition, asking about two hundred times a second; false when it does not come
/// within the limit.
bool eventually(const std::function<bool()>& holds,
                std::chrono::seconds limit = std::chrono::seconds(20));

}  // namespace evently::testing
