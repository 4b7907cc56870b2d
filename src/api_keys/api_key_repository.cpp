#include "api_keys/api_key_repository.hpp"

#include <stdexcept>

namespace evently::api_keys {
namespace {

using postgres::Statement;

constexpr Statement kCreate{
    "api_keys.create",
    "SELECT outcome, detail, created_at, expires_at FROM sec.create_api_key($1, $2, $3, $4, $5)"};
constexpr Statement kList{
    "api_keys.list",
    "SELECT id, name, array_to_string(scopes, ' ') AS scopes, created_at, expires_at, "
    "last_used_at, calls FROM sec.list_api_keys()"};
constexpr Statement kRevoke{"api_keys.revoke", "SELECT sec.revoke_api_key($1) AS revoked"};
constexpr Statement kFind{
    "api_keys.find",
    "SELECT user_id, encode(secret_hash, 'hex') AS hash FROM sec.find_api_key($1)"};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(' ', at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

ApiKeyRefusal decode_refusal(const std::string& outcome, const std::string& detail) {
  using Kind = ApiKeyRefusal::Kind;
  if (outcome == "signed_out") return {Kind::SignedOut, ""};
  if (outcome == "scope_not_held") return {Kind::ScopeNotHeld, detail};
  if (outcome == "too_many") return {Kind::TooMany, ""};
  if (outcome == "by_key") return {Kind::ByKey, ""};
  throw std::logic_error("sec.create_api_key answered " + outcome);
}

}  // namespace

Task<Result<ApiKey, ApiKeyRefusal>> ApiKeyRepository::create(postgres::TransactionOptions options,
                                                             Uuid id, std::string secret_hash,
                                                             NewApiKey wish) {
  const std::vector<std::optional<std::string>> scopes(wish.scopes.begin(), wish.scopes.end());
  auto values = postgres::parameters(id, wish.name, postgres::encode_bytes(secret_hash),
                                     postgres::encode_array(scopes), wish.days);
  const auto rows = co_await auth_.run(std::move(options), kCreate, std::move(values));
  const auto outcome = rows[0].get<std::string>("outcome");
  if (outcome != "created") {
    const bool named = !rows[0].is_null("detail");
    co_return decode_refusal(outcome, named ? rows[0].get<std::string>("detail") : "");
  }
  ApiKey key{id, wish.name, wish.scopes, {}, {}, {}, 0};
  key.created_at = rows[0].get<TimePoint>("created_at");
  key.expires_at = rows[0].get<TimePoint>("expires_at");
  co_return key;
}

Task<std::vector<ApiKey>> ApiKeyRepository::list(postgres::TransactionOptions options) {
  const postgres::Parameters none;
  const auto rows = co_await auth_.run(std::move(options), kList, none);
  std::vector<ApiKey> keys;
  for (int i = 0; i < rows.size(); ++i) {
    const auto row = rows[i];
    ApiKey key;
    key.id = row.get<Uuid>("id");
    key.name = row.get<std::string>("name");
    key.scopes = split(row.get<std::string>("scopes"));
    key.created_at = row.get<TimePoint>("created_at");
    key.expires_at = row.get<TimePoint>("expires_at");
    if (!row.is_null("last_used_at")) key.last_used_at = row.get<TimePoint>("last_used_at");
    key.calls = row.get<std::int64_t>("calls");
    keys.push_back(std::move(key));
  }
  co_return keys;
}

Task<bool> ApiKeyRepository::revoke(postgres::TransactionOptions options, Uuid id) {
  auto values = postgres::parameters(id);
  const auto rows = co_await auth_.run(std::move(options), kRevoke, std::move(values));
  co_return rows[0].get<bool>("revoked");
}

Task<std::optional<KnownKey>> ApiKeyRepository::find(postgres::TransactionOptions options,
                                                     Uuid id) {
  auto values = postgres::parameters(id);
  const auto rows = co_await auth_.run(std::move(options), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return KnownKey{rows[0].get<Uuid>("user_id"), rows[0].get<std::string>("hash")};
}

}  // namespace evently::api_keys
