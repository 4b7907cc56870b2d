#pragma once

#include <string>

#include "events/event.hpp"
#include "platform/http/request.hpp"
#include "platform/json/cursor.hpp"

namespace evently::events {

/// The query of GET /events; throws http::BadRequest with all faults. `is_editor` opens `status`.
EventQuery parse_event_query(const http::Request& request, const json::CursorCodec& cursors,
                             bool is_editor);

/// Cursor of the page after `last`, bound to the list's filters and order.
std::string next_cursor(const http::Request& request, const json::CursorCodec& cursors,
                        const EventQuery& query, const Event& last);

}  // namespace evently::events
