#include "api_keys/api_key_routes.hpp"

#include "api_keys/api_key_json.hpp"
#include "api_keys/key_text.hpp"

namespace evently::api_keys {
namespace {

using http::Method;
using http::Request;
using http::Response;

postgres::TransactionOptions acting(const Request& request, bool read_only) {
  return {request.principal->context, read_only, request.deadline};
}

}  // namespace

std::vector<http::Route> ApiKeyRoutes::table() {
  return {
      {Method::Post, "/api/v1/api-keys", http::recently(http::signed_in()), "",
       [this](Request r) { return create(std::move(r)); }},
      {Method::Get, "/api/v1/api-keys", http::signed_in(), "",
       [this](Request r) { return list(std::move(r)); }},
      {Method::Delete, "/api/v1/api-keys/{key_id}", http::recently(http::signed_in()), "",
       [this](Request r) { return revoke(std::move(r)); }},
  };
}

/// Makes a key; the answer alone holds its secret. An Idempotency-Key is not looked at: replaying
/// the answer would mean keeping the secret. Whoever lost the answer revokes the key by its name.
///   in    {"name", "scopes": [permission], "expires_in_days": 1..365 = 90}
///   out   201 key | 403 a scope its owner does not hold | 409 too_many_api_keys
Task<Response> ApiKeyRoutes::create(Request request) {
  NewApiKey wish = parse_new_key(request);
  const KeyText key = make_key(make_uuid_v7());
  const std::string hash = hash_secret(key.secret);
  auto options = acting(request, false);
  const auto made = co_await keys_.create(std::move(options), key.id, hash, std::move(wish));
  if (!made) co_return http::render(to_problem(made.error(), request.principal->role));
  Response response = http::created("/api/v1/api-keys/" + to_string(key.id),
                                    created_json(*made, write_key(key, live_)));
  response.compressible = false;
  co_return response;
}

/// The caller's keys, at most twenty, without their secrets.
Task<Response> ApiKeyRoutes::list(Request request) {
  auto options = acting(request, true);
  const auto keys = co_await keys_.list(std::move(options));
  co_return http::json(200, list_json(keys));
}

/// 204: the key's next call is refused. 404: no key of the caller's.
Task<Response> ApiKeyRoutes::revoke(Request request) {
  const auto id = parse_uuid(request.path_parameter("key_id"));
  if (!id) co_return http::render(http::not_found());
  auto options = acting(request, false);
  const bool revoked = co_await keys_.revoke(std::move(options), *id);
  co_return revoked ? http::no_content() : http::render(http::not_found());
}

}  // namespace evently::api_keys
