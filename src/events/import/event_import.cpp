#include "events/import/event_import.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "events/event.hpp"
#include "platform/http/encoding.hpp"
#include "platform/json/json_text_rules.hpp"

namespace evently::events {
namespace {

using Columns = std::map<std::string, std::string>;

constexpr std::size_t kBatch = 500;
constexpr std::int64_t kMaxDays = 36'500;

// Same name, same start, same city (or none): the same event, which stays as it is.
constexpr postgres::Statement kImport{
    "events.import",
    "WITH wanted AS ("
    " SELECT DISTINCT ON (w.name, w.event_date, w.city) w.* FROM unnest($1::uuid[], $2::text[], "
    "$3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[], $8::text[],"
    " $9::text[], $10::timestamptz[], $11::timestamptz[], $12::numeric[], $13::text[], "
    "$14::text[], $15::integer[])"
    " AS w (id, name, description, venue, city, country, online, topic, url, event_date, ends_at, "
    "price, currency, status, capacity)"
    " WHERE NOT EXISTS (SELECT FROM core.events e WHERE e.name = w.name AND e.event_date = "
    "w.event_date AND e.city IS NOT DISTINCT FROM w.city)"
    " ORDER BY w.name, w.event_date, w.city, w.id),"
    " made AS (INSERT INTO core.events (id, name, description, venue, city, country, online, "
    "topic, url, event_date, ends_at, price, currency, status)"
    " SELECT id, name, description, venue, city, country, online, topic, url, event_date, ends_at, "
    "price, currency, status FROM wanted RETURNING id)"
    " SELECT made.id, wanted.capacity FROM made JOIN wanted USING (id)"};
constexpr postgres::Statement kImportSeats{
    "events.import_seats",
    "INSERT INTO core.event_inventory (event_id, capacity, available) SELECT id, seats, seats FROM "
    "unnest($1::uuid[], $2::integer[]) AS s (id, seats)"};

std::optional<std::string> column(const Columns& columns, const char* name) {
  const auto found = columns.find(name);
  if (found == columns.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

constexpr std::array<std::string_view, 14> kColumns{
    "name", "startDate", "inDays", "endDate",     "city",     "country", "topic",
    "url",  "online",    "venue",  "description", "capacity", "price",   "currency"};

struct TextColumn {
  const char* name;
  std::size_t max_characters;
  bool multiline;
};

/// The limits of the API, so that what was imported can be edited there.
constexpr TextColumn kTexts[] = {{"name", 200, false},   {"venue", 200, false},
                                 {"city", 200, false},   {"country", 200, false},
                                 {"topic", 60, false},   {"url", 2000, false},
                                 {"currency", 3, false}, {"description", 20'000, true}};

/// Why a text cannot be taken as it is; empty when it can. Nothing is trimmed or corrected.
std::string text_fault(const Columns& columns) {
  for (const TextColumn& text : kTexts) {
    const auto found = columns.find(text.name);
    if (found == columns.end()) continue;
    if (json::count_characters(found->second) > text.max_characters) {
      return std::string(text.name) + " is longer than " + std::to_string(text.max_characters) +
             " characters";
    }
    if (json::has_control(found->second, text.multiline)) {
      return std::string(text.name) + " holds control characters";
    }
  }
  if (json::is_blank(column(columns, "name").value_or(""))) return "name is required";
  const auto url = column(columns, "url");
  if (url && !is_web_url(*url)) return "url must begin with https:// or http:// and name a host";
  return "";
}

/// The last second of a day, UTC.
TimePoint end_of_day(TimePoint day) {
  return day + std::chrono::hours(24) - std::chrono::seconds(1);
}

/// Sets start and end. A date without a time of day lasts until the end of its day, UTC.
std::string read_times(const Columns& columns, TimePoint now, Event& event) {
  const auto start = column(columns, "startDate");
  const auto days = column(columns, "inDays");
  if (start) {
    const auto day = parse_date(*start);
    const auto time = day ? day : parse_rfc3339(*start);
    if (!time) return "startDate must be a date like 2027-05-26, or an RFC 3339 time";
    event.event_date = *time;
    if (day) event.ends_at = end_of_day(*day);
  } else if (days) {
    const auto count = integer(*days);
    if (!count || *count < -kMaxDays || *count > kMaxDays) return "inDays must be a number of days";
    const auto day = std::chrono::floor<std::chrono::days>(now) + std::chrono::days(*count);
    event.event_date = TimePoint(day) + std::chrono::hours(18);
    event.ends_at = event.event_date + std::chrono::hours(3);
  } else {
    return "startDate is required";
  }
  const auto end = column(columns, "endDate");
  if (!end) return "";
  const auto day = parse_date(*end);
  event.ends_at = day ? end_of_day(*day) : parse_rfc3339(*end);
  if (!event.ends_at) return "endDate must be a date like 2027-05-28, or an RFC 3339 time";
  return *event.ends_at < event.event_date ? "endDate is before startDate" : "";
}

std::string read_sale(const Columns& columns, const ImportSettings& settings, Event& event) {
  event.currency = column(columns, "currency").value_or(settings.currency);
  if (!is_currency(event.currency)) return "currency must be an ISO 4217 code like EUR";
  const auto price = column(columns, "price");
  const auto amount = price ? parse_money(*price) : settings.price;
  if (!amount) return "price must be a decimal like 99.99";
  event.price = *amount;
  const auto seats = column(columns, "capacity");
  const auto count = seats ? integer(*seats) : settings.capacity;
  if (!count || *count < 1 || *count > kMaxCapacity)
    return "capacity must be between 1 and 1000000";
  event.capacity = static_cast<std::int32_t>(*count);
  return "";
}

/// The event of a line; sets `fault` when it cannot be one.
Event make_event(const ImportLine& line, const ImportSettings& settings, std::string& fault) {
  const Columns& columns = line.columns;
  Event event;
  event.id = make_uuid_v7();
  fault = text_fault(columns);
  if (fault.empty()) fault = read_times(columns, settings.now, event);
  if (fault.empty()) fault = read_sale(columns, settings, event);
  std::string online = column(columns, "online").value_or("false");
  for (char& c : online) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (fault.empty() && online != "true" && online != "false")
    fault = "online must be true or false";

  event.name = column(columns, "name").value_or("");
  event.online = online == "true";
  event.city = column(columns, "city");
  event.country = column(columns, "country");
  event.topic = column(columns, "topic");
  event.url = column(columns, "url");
  event.venue = column(columns, "venue")
                    .value_or(event.online ? "Online" : event.city.value_or("To be announced"));
  event.description = column(columns, "description").value_or("");
  event.status = event.ends_at.value_or(event.event_date) < settings.now ? "completed" : "active";
  return event;
}

/// One INSERT of many events; returns how many were new.
std::int64_t insert_batch(postgres::SyncConnection& connection, const std::vector<Event>& events) {
  std::vector<std::vector<std::optional<std::string>>> columns(15);
  for (const Event& event : events) {
    const auto row = postgres::parameters(event.id, event.name, event.description, event.venue,
                                          event.city, event.country, event.online, event.topic,
                                          event.url, event.event_date, event.ends_at, event.price,
                                          event.currency, event.status, event.capacity);
    for (std::size_t i = 0; i < row.size(); ++i) columns[i].push_back(row[i]);
  }
  postgres::Parameters values;
  for (const auto& values_of_column : columns)
    values.emplace_back(postgres::encode_array(values_of_column));
  const postgres::Rows made = connection.run(kImport, values);

  std::vector<std::optional<std::string>> ids;
  std::vector<std::optional<std::string>> seats;
  for (int i = 0; i < made.size(); ++i) {
    ids.push_back(made[i].get<std::string>("id"));
    seats.push_back(made[i].get<std::string>("capacity"));
  }
  connection.run(kImportSeats, {postgres::encode_array(ids), postgres::encode_array(seats)});
  return made.size();
}

/// Reads one record; false at the end. A quoted field may hold commas, quotes doubled, and
/// newlines.
bool read_record(std::istream& in, std::vector<std::string>& fields, std::int64_t& newlines,
                 bool& torn) {
  fields.assign(1, "");
  torn = false;
  bool quoted = false;
  bool any = false;
  for (int c = in.get(); c != std::istream::traits_type::eof(); c = in.get()) {
    any = true;
    if (c == '\n') ++newlines;
    if (quoted) {
      if (c == '"' && in.peek() == '"') {
        fields.back() += static_cast<char>(in.get());
      } else if (c == '"') {
        quoted = false;
      } else {
        fields.back() += static_cast<char>(c);
      }
    } else if (c == '"' && fields.back().empty()) {
      quoted = true;
    } else if (c == ',') {
      fields.emplace_back();
    } else if (c == '\n') {
      return true;
    } else if (c != '\r') {
      fields.back() += static_cast<char>(c);
    }
  }
  torn = quoted;
  return any;
}

}  // namespace

bool is_import_column(std::string_view name) {
  return std::find(kColumns.begin(), kColumns.end(), name) != kColumns.end();
}

std::vector<ImportLine> read_csv(std::istream& in) {
  std::vector<ImportLine> lines;
  std::vector<std::string> header;
  std::vector<std::string> fields;
  std::int64_t newlines = 0;
  bool torn = false;
  const bool has_record = read_record(in, header, newlines, torn);
  if (has_record && header[0].starts_with("\xEF\xBB\xBF")) header[0].erase(0, 3);
  if (!has_record || (header.size() == 1 && header[0].empty())) {
    ImportLine first;
    first.number = 1;
    first.fault = "the header with the columns' names is missing";
    return {first};
  }

  for (std::int64_t number = newlines + 1; read_record(in, fields, newlines, torn);
       number = newlines + 1) {
    if (fields.size() == 1 && fields[0].empty()) continue;
    ImportLine line;
    line.number = number;
    if (torn) line.fault = "a quoted field is not closed";
    if (fields.size() != header.size()) {
      line.fault = "has " + std::to_string(fields.size()) + " fields, the header " +
                   std::to_string(header.size());
    }
    for (std::size_t i = 0; line.fault.empty() && i < fields.size(); ++i) {
      if (!http::is_utf8(fields[i])) line.fault = "is not UTF-8";
      if (!fields[i].empty()) line.columns[header[i]] = fields[i];
    }
    lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<ImportLine> read_lines(std::istream& in, ImportFormat format) {
  return format == ImportFormat::Csv ? read_csv(in) : read_ndjson(in);
}

ImportReport import_events(postgres::SyncConnection& connection, std::vector<ImportLine> lines,
                           const ImportSettings& settings,
                           const std::function<void(std::size_t)>& progress) {
  ImportReport report;
  std::vector<Event> events;
  for (const ImportLine& line : lines) {
    std::string fault = line.fault;
    for (const auto& [name, value] : line.columns) {
      if (!is_import_column(name)) ++report.unknown_columns[name];
    }
    Event event = fault.empty() ? make_event(line, settings, fault) : Event{};
    if (fault.empty()) {
      events.push_back(std::move(event));
    } else {
      report.faults.emplace_back(line.number, fault);
    }
  }
  if (settings.strict && !report.faults.empty()) return report;

  connection.script("import.begin", "BEGIN");
  for (std::size_t at = 0; at < events.size(); at += kBatch) {
    const std::size_t end = std::min(at + kBatch, events.size());
    const std::vector<Event> batch(events.begin() + static_cast<long>(at),
                                   events.begin() + static_cast<long>(end));
    const std::int64_t made = insert_batch(connection, batch);
    report.imported += made;
    report.already_there += static_cast<std::int64_t>(batch.size()) - made;
    progress(end);
  }
  connection.script("import.commit", "COMMIT");
  return report;
}

}  // namespace evently::events
