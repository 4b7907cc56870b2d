#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "events/event.hpp"

namespace evently::events {

/// The version and a digest: If-Match asks for the first, If-None-Match for both.
std::string event_etag(const Event& event, std::string_view body);

/// The version that If-Match names, "3" or an ETag of ours; nullopt when it names none of ours.
std::optional<std::int32_t> version_in(std::string_view tag);

}  // namespace evently::events
