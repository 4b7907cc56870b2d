#include "security/security_routes.hpp"

#include <algorithm>

#include "platform/http/encoding.hpp"
#include "platform/http/idempotency_key.hpp"
#include "platform/json/json_writer.hpp"
#include "platform/json/query_reader.hpp"
#include "security/security_json.hpp"

namespace evently::security {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr char kReads[] = "security:read";
constexpr char kManages[] = "security:manage";
constexpr char kEvents[] = "security_events";
constexpr char kAlerts[] = "security_alerts";
constexpr char kBlocks[] = "security_blocks";

postgres::TransactionOptions reading(const Request& request) {
  return {request.principal->context, true, request.deadline};
}
postgres::TransactionOptions changing(const Request& request) {
  return {request.principal->context, false, request.deadline};
}

/// Limit and cursor, as every list has them.
struct PageWish {
  std::int64_t limit = 20;
  std::vector<std::string> cursor;  ///< empty: from the start
};

PageWish read_page(json::QueryReader& reader, const json::CursorCodec& cursors,
                   std::string_view purpose, std::size_t parts) {
  PageWish wish;
  wish.limit = reader.optional_integer("limit", 1, 100).value_or(20);
  const auto text = reader.optional_text("cursor", 500);
  if (!text) return wish;
  const auto read = cursors.decode(purpose, *text);
  if (read && read->size() == parts) {
    wish.cursor = *read;
  } else {
    reader.fault("cursor", "invalid_cursor", "is not a cursor of this list");
  }
  return wish;
}

std::optional<Uuid> id_in(const PageWish& wish) {
  return wish.cursor.empty() ? std::nullopt : parse_uuid(wish.cursor.front());
}

Response answer(const Request& request, std::string body, const std::string& next) {
  Response response = http::json(200, std::move(body));
  response.compressible = false;
  if (!next.empty()) {
    response.headers.emplace_back(
        "Link", "<" + http::target_with_cursor(request, next) + ">; rel=\"next\"");
  }
  return response;
}

/// Cuts the row too many off, which only tells that there is more.
template <class Item>
bool cut(std::vector<Item>& items, std::int64_t limit) {
  if (items.size() <= static_cast<std::size_t>(limit)) return false;
  items.pop_back();
  return true;
}

}  // namespace

http::Problem address_blocked(std::chrono::seconds wait) {
  return http::Problem{403, "address_blocked", "Your network is blocked for now", {}, {}, {}}
      .with_header("Retry-After", std::to_string(wait.count()));
}

std::vector<http::Route> SecurityRoutes::table() {
  return {
      {Method::Get, "/api/v1/security/metrics", http::needs(kReads), "read",
       [this](Request r) { return metrics(std::move(r)); }},
      {Method::Get, "/api/v1/security/events", http::needs(kReads), "read",
       [this](Request r) { return events(std::move(r)); }},
      {Method::Get, "/api/v1/security/alerts", http::needs(kReads), "read",
       [this](Request r) { return alerts(std::move(r)); }},
      {Method::Get, "/api/v1/security/blocks", http::needs(kReads), "read",
       [this](Request r) { return blocks(std::move(r)); }},
      {Method::Post, "/api/v1/security/blocks", http::recently(http::needs(kManages)), "",
       [this](Request r) { return add_block(std::move(r)); }},
      {Method::Delete, "/api/v1/security/blocks/{block_id}", http::recently(http::needs(kManages)),
       "", [this](Request r) { return lift_block(std::move(r)); }},
  };
}

void SecurityRoutes::observe(const Request& request, std::string act) {
  observability::SecurityEvent event;
  event.type = observability::SecurityEventType::AdminAction;
  event.client_address = request.client_address;
  event.user_id = request.principal->user_id;
  event.request_id = request.request_id;
  event.detail = std::move(act);
  parts_.queue.observe(std::move(event));
}

/// Totals of all nodes since the database was made; blocks in force; what this node had to drop.
Task<Response> SecurityRoutes::metrics(Request request) {
  json::QueryReader(request).finish();
  const auto totals = co_await repository_.totals(reading(request));
  json::JsonWriter out;
  out.begin_object().key("totals").begin_object();
  for (const std::string_view name : kEventNames) {
    std::int64_t total = 0;
    for (const auto& [type, count] : totals) {
      if (type == name) total = count;
    }
    out.member(name, total);
  }
  out.end_object()
      .member("active_blocks", static_cast<std::int64_t>(parts_.blocks.size()))
      .member("dropped", static_cast<std::int64_t>(parts_.queue.dropped()))
      .end_object();
  co_return answer(request, out.take(), "");
}

Task<Response> SecurityRoutes::events(Request request) {
  json::QueryReader reader(request);
  const PageWish wish = read_page(reader, parts_.cursors, kEvents, 3);
  auto type = reader.optional_text("type", 40);
  if (type && std::ranges::find(kEventNames, *type) == kEventNames.end()) {
    reader.fault("type", "invalid_choice", "must be a type of the catalogue");
  }
  std::optional<EventPlace> before;
  if (!wish.cursor.empty()) {
    const auto minute = parse_rfc3339(wish.cursor[0]);
    if (minute) before = EventPlace{*minute, wish.cursor[1], wish.cursor[2]};
  }
  reader.finish();
  auto rows = co_await repository_.events(reading(request), type, before, wish.limit + 1);
  std::string next;
  if (cut(rows, wish.limit)) {
    const TallyRow& last = rows.back();
    next = parts_.cursors.encode(kEvents, {to_rfc3339(last.minute), last.type, last.key});
  }
  co_return answer(request, page_json(rows, next), next);
}

Task<Response> SecurityRoutes::alerts(Request request) {
  json::QueryReader reader(request);
  const PageWish wish = read_page(reader, parts_.cursors, kAlerts, 1);
  const auto state = reader.optional_choice("state", {"open", "closed"});
  reader.finish();
  std::optional<bool> open;
  if (state) open = *state == "open";
  auto rows = co_await repository_.alerts(reading(request), open, id_in(wish), wish.limit + 1);
  std::string next;
  if (cut(rows, wish.limit)) next = parts_.cursors.encode(kAlerts, {to_string(rows.back().id)});
  co_return answer(request, page_json(rows, next), next);
}

Task<Response> SecurityRoutes::blocks(Request request) {
  json::QueryReader reader(request);
  const PageWish wish = read_page(reader, parts_.cursors, kBlocks, 1);
  reader.finish();
  auto rows = co_await repository_.blocks(reading(request), id_in(wish), wish.limit + 1);
  std::string next;
  if (cut(rows, wish.limit)) next = parts_.cursors.encode(kBlocks, {to_string(rows.back().id)});
  co_return answer(request, page_json(rows, next), next);
}

/// Keeps a network out.
///   in    {"range","reason","expires_in",["scope"]}
///   out   201 block | 400 | 422 for a used Idempotency-Key
Task<Response> SecurityRoutes::add_block(Request request) {
  idempotency::KeptAnswers::Wish wish{request.principal->user_id, request.principal->context,
                                      request.deadline, http::idempotency_key(request),
                                      request.body};
  const Block block = parse_block(request, parts_.proxies, parts_.clock.now());
  const auto made = co_await repository_.add_block(std::move(wish), block, to_json(block));
  if (!made) co_return http::render(http::idempotency_mismatch());
  Response response = http::json(201, made->body);
  if (made->replayed) {
    http::mark_replayed(response);
    co_return response;
  }
  parts_.blocks.add(block);  // here at once; the other nodes read it within a second
  observe(request, "security.block");
  co_return response;
}

Task<Response> SecurityRoutes::lift_block(Request request) {
  const auto id = parse_uuid(request.path_parameter("block_id"));
  if (!id) co_return http::render(http::not_found());
  const bool lifted = co_await repository_.lift_block(changing(request), *id);
  if (!lifted) co_return http::render(http::not_found());
  parts_.blocks.remove(*id);
  observe(request, "security.lift");
  co_return http::no_content();
}

}  // namespace evently::security
