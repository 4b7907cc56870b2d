#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "platform/outgoing/outgoing_queue.hpp"

namespace evently::webhook {

/// One POST, blocking: `timeout` at most, and about a second once `stop` is asked for.
outgoing::Attempt attempt(const std::string& url, const std::string& signature,
                          const std::string& body, std::chrono::milliseconds timeout,
                          const std::stop_token& stop);

}  // namespace evently::webhook
