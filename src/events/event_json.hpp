#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "events/event.hpp"
#include "platform/http/request.hpp"

namespace evently::events {

/// Throw http::BadRequest with all faults.
Event parse_new_event(const http::Request& request);
/// The event with the members of the body laid over it; null clears what may be absent. A draft may
/// be published and never drafted again; nothing leads to or from cancelled but deletion.
Event parse_event_patch(const http::Request& request, Event event);

std::string to_json(const Event& event);
/// {"items": […], "next_cursor": …} of finished events; an empty cursor is null.
std::string list_json(const std::vector<std::string_view>& events, const std::string& next_cursor);

}  // namespace evently::events
