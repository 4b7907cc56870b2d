#include "events/event_list_request.hpp"

#include <algorithm>

#include "platform/json/query_reader.hpp"

namespace evently::events {
namespace {

constexpr std::size_t kMaxWords = 8;

/// A cursor is good for the list it came from: same filters, same order; `limit` may change.
std::string purpose_of(const http::Request& request) {
  std::vector<std::string> filters;
  for (const auto& [name, value] : request.query) {
    if (name != "cursor" && name != "limit")
      filters.emplace_back(name).append(1, '=').append(value);
  }
  std::sort(filters.begin(), filters.end());
  std::string purpose = "events";
  for (const std::string& filter : filters) purpose += '\0' + filter;  // no value holds a NUL
  return purpose;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    if (c == ' ' || c == '\t') {
      if (!words.back().empty()) words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  if (words.back().empty()) words.pop_back();
  return words;
}

}  // namespace

EventQuery parse_event_query(const http::Request& request, const json::CursorCodec& cursors,
                             bool is_editor) {
  json::QueryReader reader(request);
  EventQuery query;
  query.words = words_of(reader.optional_text("q", 200).value_or(""));
  if (query.words.size() > kMaxWords)
    reader.fault("q", "out_of_range", "must have at most 8 words");
  query.from = reader.optional_time("from");
  query.to = reader.optional_end("to");
  query.city = reader.optional_text("city", 200);
  query.topic = reader.optional_text("topic", 60);
  query.available_only = reader.flag("available");
  const std::string sort =
      reader.optional_choice("sort", {"event_date", "-event_date", "name"}).value_or("event_date");
  query.sort = sort == "name"         ? EventSort::ByName
               : sort == "event_date" ? EventSort::ByDate
                                      : EventSort::ByDateDescending;
  query.limit = reader.optional_integer("limit", 1, 100).value_or(20);
  if (is_editor) {
    query.status =
        reader.optional_choice("status", {"draft", "active", "cancelled", "completed", "all"})
            .value_or("active");
  }
  const auto cursor = reader.optional_text("cursor", 2000);
  if (cursor) {
    const auto parts = cursors.decode(purpose_of(request), *cursor);
    if (parts && parts->size() == 2) {
      query.after_key = (*parts)[0];
      query.after_id = (*parts)[1];
    } else {
      reader.fault("cursor", "invalid_cursor", "is not a cursor of this list");
    }
  }
  reader.finish();
  return query;
}

std::string next_cursor(const http::Request& request, const json::CursorCodec& cursors,
                        const EventQuery& query, const Event& last) {
  return cursors.encode(purpose_of(request), {sort_key(last, query.sort), to_string(last.id)});
}

}  // namespace evently::events
