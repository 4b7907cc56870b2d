#include "people/people_routes.hpp"

#include <boost/json/object.hpp>

#include "accounts/account_json.hpp"
#include "platform/http/encoding.hpp"
#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"
#include "platform/json/query_reader.hpp"

namespace evently::people {
namespace {

using http::Method;
using http::Request;
using http::Response;
using observability::SecurityEventType;

constexpr char kListPurpose[] = "users";

/// Personal data of others stands beside text they chose.
Response personal_json(std::string body) {
  Response response = http::json(200, std::move(body));
  response.compressible = false;
  return response;
}

AccountChange parse_change(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  AccountChange change;
  change.role = reader.optional_choice("role", {"user", "admin"});
  change.is_active = reader.optional_bool("is_active");
  reader.finish();
  return change;
}

std::string list_json(const std::vector<accounts::Account>& people, const std::string& next) {
  json::JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const accounts::Account& person : people) accounts::write(out, person);
  out.end_array().key("next_cursor");
  if (next.empty()) {
    out.null();
  } else {
    out.value(next);
  }
  out.end_object();
  return out.take();
}

}  // namespace

std::vector<http::Route> PeopleRoutes::table() {
  return {
      {Method::Get, "/api/v1/users", http::needs(kPermission), "read",
       [this](Request r) { return list(std::move(r)); }},
      {Method::Get, "/api/v1/users/{user_id}", http::needs(kPermission), "read",
       [this](Request r) { return show(std::move(r)); }},
      {Method::Patch, "/api/v1/users/{user_id}", http::recently(http::needs(kPermission)), "",
       [this](Request r) { return change(std::move(r)); }},
  };
}

void PeopleRoutes::observe(SecurityEventType type, const Request& request, std::string detail) {
  observability::SecurityEvent event;
  event.type = type;
  event.client_address = request.client_address;
  event.user_id = request.principal->user_id;
  event.request_id = request.request_id;
  event.detail = std::move(detail);
  security_.observe(std::move(event));
}

/// Everybody, newest first.
Task<Response> PeopleRoutes::list(Request request) {
  json::QueryReader reader(request);
  const std::int64_t limit = reader.optional_integer("limit", 1, 100).value_or(20);
  std::optional<Uuid> before;
  const auto cursor = reader.optional_text("cursor", 500);
  if (cursor) {
    const auto parts = cursors_.decode(kListPurpose, *cursor);
    if (parts && parts->size() == 1) before = parse_uuid(parts->front());
    if (!before) reader.fault("cursor", "invalid_cursor", "is not a cursor of this list");
  }
  reader.finish();

  postgres::TransactionOptions options{request.principal->context, true, request.deadline};
  auto people = co_await people_.list(std::move(options), before, limit + 1);
  observe(SecurityEventType::SensitiveRead, request, "users.list");
  std::string next;
  if (people.size() > static_cast<std::size_t>(limit)) {
    people.pop_back();
    next = cursors_.encode(kListPurpose, {to_string(people.back().id)});
  }
  Response response = personal_json(list_json(people, next));
  if (!next.empty()) {
    response.headers.emplace_back(
        "Link", "<" + http::target_with_cursor(request, next) + ">; rel=\"next\"");
  }
  co_return response;
}

Task<Response> PeopleRoutes::show(Request request) {
  const auto id = parse_uuid(request.path_parameter("user_id"));
  if (!id) co_return http::render(http::not_found());
  postgres::TransactionOptions options{request.principal->context, true, request.deadline};
  const auto person = co_await people_.find(std::move(options), *id);
  if (!person) co_return http::render(http::not_found());
  if (*id != request.principal->user_id) {
    observe(SecurityEventType::SensitiveRead, request, "users.show");
  }
  co_return personal_json(accounts::to_json(*person));
}

/// Changes role or active flag; the person's live sessions feel it with their next statement.
///   in    {["role"], ["is_active"]}
///   out   200 user | 404 | 409 last_administrator
Task<Response> PeopleRoutes::change(Request request) {
  const AccountChange wish = parse_change(request);
  const auto id = parse_uuid(request.path_parameter("user_id"));
  if (!id) co_return http::render(http::not_found());
  postgres::TransactionOptions options{request.principal->context, false, request.deadline};
  const auto person = co_await people_.change(std::move(options), *id, wish);
  if (!person) {
    if (person.error() == PeopleRefusal::Denied) {
      observe(SecurityEventType::PermissionDenied, request, kPermission);
    }
    co_return http::render(to_problem(person.error()));
  }
  observe(SecurityEventType::AdminAction, request, "users.change");
  co_return personal_json(accounts::to_json(*person));
}

}  // namespace evently::people
