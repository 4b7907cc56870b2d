#include "api_keys/api_key_json.hpp"

#include <algorithm>
#include <boost/json/object.hpp>

#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::api_keys {
namespace {

constexpr std::int64_t kDefaultDays = 90;
constexpr std::int64_t kMaxDays = 365;
constexpr std::size_t kMaxScopes = 32;

bool is_permission(const boost::json::value& value) {
  if (!value.is_string()) return false;
  const std::string_view text = value.get_string();
  return !text.empty() && text.size() <= 64 &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz:_") == std::string_view::npos;
}

void write_members(json::JsonWriter& out, const ApiKey& key) {
  out.member("id", key.id).member("name", key.name).key("scopes").begin_array();
  for (const std::string& scope : key.scopes) out.value(scope);
  out.end_array().member("created_at", key.created_at).member("expires_at", key.expires_at);
  out.member("last_used_at", key.last_used_at).member("calls", key.calls);
}

}  // namespace

NewApiKey parse_new_key(const http::Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  NewApiKey wish;
  wish.name = reader.required_text("name", {1, 100, false});
  wish.days = reader.optional_integer("expires_in_days", 1, kMaxDays).value_or(kDefaultDays);
  const auto* scopes = reader.required_member("scopes");
  if (scopes != nullptr) {
    const auto* list = scopes->if_array();
    if (list == nullptr || list->empty() || list->size() > kMaxScopes ||
        !std::all_of(list->begin(), list->end(), is_permission)) {
      reader.fault("scopes", "not_permissions", "must be a list of 1 to 32 permissions");
    } else {
      for (const auto& scope : *list) wish.scopes.emplace_back(scope.get_string());
      std::sort(wish.scopes.begin(), wish.scopes.end());
      wish.scopes.erase(std::unique(wish.scopes.begin(), wish.scopes.end()), wish.scopes.end());
    }
  }
  reader.finish();
  return wish;
}

std::string created_json(const ApiKey& key, const std::string& text) {
  json::JsonWriter out;
  out.begin_object();
  write_members(out, key);
  out.member("key", text).end_object();
  return out.take();
}

std::string list_json(const std::vector<ApiKey>& keys) {
  json::JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const ApiKey& key : keys) {
    out.begin_object();
    write_members(out, key);
    out.end_object();
  }
  out.end_array().key("next_cursor").null().end_object();
  return out.take();
}

}  // namespace evently::api_keys
