#include "idempotency/kept_answers.hpp"

#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"

namespace evently::idempotency {
namespace {

using postgres::Statement;

constexpr char kUniqueViolation[] = "23505";

constexpr Statement kFind{
    "idempotency.find",
    "SELECT encode(fingerprint, 'hex') AS fingerprint, detail ->> 'body' AS body, object_id"
    " FROM core.idempotency WHERE user_id = (SELECT sec.uid()) AND route = $1 AND key = $2"};
constexpr Statement kKeep{
    "idempotency.keep",
    "INSERT INTO core.idempotency (user_id, route, key, fingerprint, outcome, object_id, detail)"
    " VALUES ($1, $2, $3, $4, 'created', $5, jsonb_build_object('body', $6::text))"};

}  // namespace

Task<std::optional<KeptAnswers::First>> KeptAnswers::find(std::string context,
                                                          postgres::Deadline deadline,
                                                          std::string key) {
  postgres::TransactionOptions reading{std::move(context), true, deadline};
  auto values = postgres::parameters(route_, key);
  const auto rows = co_await pool_.run(std::move(reading), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  const postgres::Row row = rows[0];
  co_return First{row.get<std::string>("fingerprint"),
                  {row.get<Uuid>("object_id"), row.get<std::string>("body"), true}};
}

Task<std::optional<Made>> KeptAnswers::once(Wish wish, Made made, Make make) {
  std::vector<postgres::Call> keep;
  if (wish.key.empty()) {
    co_await make(keep);
    co_return made;
  }
  const std::string fingerprint = crypto::sha256(wish.body);
  for (int attempt = 1;; ++attempt) {
    auto first = co_await find(wish.context, wish.deadline, wish.key);
    if (first && first->fingerprint != crypto::to_hex(fingerprint)) co_return std::nullopt;
    if (first) co_return std::move(first->answer);
    keep.clear();
    keep.push_back(
        {kKeep, postgres::parameters(wish.caller, route_, wish.key,
                                     postgres::encode_bytes(fingerprint), made.id, made.body)});
    try {
      co_await make(keep);
      co_return made;
    } catch (const postgres::QueryError& error) {
      // The same key a moment ago: its answer is there now.
      if (error.state != kUniqueViolation || attempt == 2) throw;
    }
  }
}

}  // namespace evently::idempotency
