#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/money.hpp"
#include "base/uuid.hpp"

namespace evently::events {

constexpr std::int32_t kMaxCapacity = 1'000'000;

struct Event {
  Uuid id;
  std::string name;
  std::string description;  ///< Markdown
  std::string venue;
  std::optional<std::string> city, country;
  bool online = false;
  std::optional<std::string> topic, url;
  TimePoint event_date;
  std::optional<TimePoint> ends_at;
  std::string time_zone = "UTC";
  std::int32_t capacity = 0;
  std::int32_t available = 0;
  Money price;
  std::string currency = "EUR";
  std::string status = "active";  ///< draft | active | cancelled | completed
  std::optional<TimePoint> sale_starts_at, sale_ends_at;
  std::int32_t max_per_user = 10;
  std::string waitlist_policy = "first_come";
  std::int32_t version = 1;
  TimePoint created_at;
  TimePoint updated_at;
};

enum class EventSort { ByDate, ByDateDescending, ByName };

/// What a list is asked for.
struct EventQuery {
  std::vector<std::string> words;  ///< all must occur, in either case
  std::optional<TimePoint> from, to;
  std::optional<std::string> city, topic;
  bool available_only = false;
  std::string status = "active";  ///< or "all"
  EventSort sort = EventSort::ByDate;
  std::int64_t limit = 20;
  std::string
      after_key;  ///< sort key and id of the last event of the page before; empty: first page
  std::string after_id;
};

/// The keyset position of an event under a sort.
std::string sort_key(const Event& event, EventSort sort);

/// http or https and a plain host, no user: safe to show as a link once the sink has encoded it.
bool is_web_url(std::string_view url);
bool is_currency(std::string_view code);  ///< three capital letters (ISO 4217)

/// `%word%` with LIKE's own characters escaped.
std::string like_pattern(std::string_view word);

/// Markdown to HTML that is safe to put into a page: no raw HTML, no javascript: links.
std::string render_markdown(const std::string& markdown);

}  // namespace evently::events
