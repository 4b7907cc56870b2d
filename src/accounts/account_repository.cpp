#include "accounts/account_repository.hpp"

#include "platform/crypto/hmac.hpp"

namespace evently::accounts {
namespace {

using postgres::Statement;

constexpr Statement kRegister{"accounts.insert_account",
                              "SELECT sec.register_user($1, $2, $3, $4, $5, $6) AS made"};
constexpr Statement kFindCreation{
    "accounts.find_creation", "SELECT created_at FROM sec.find_credentials($1, NULL, NULL, NULL)"};
constexpr Statement kFindCredentials{"accounts.find_credentials",
                                     "SELECT id, email, name, role, is_active, created_at, "
                                     "password_hash, version, held, code_holds "
                                     "FROM sec.find_credentials($1, $2, $3, $4)"};
constexpr Statement kOpenSession{
    "accounts.open_session",
    "SELECT created_at, expires_at FROM sec.open_proved_session($1, $2, $3, $4, $5, $6, $7)"};
constexpr Statement kCloseSession{"accounts.close_session", "SELECT sec.close_session($1)"};
constexpr Statement kRenewHash{"accounts.renew_hash", "SELECT sec.renew_hash($1, $2, $3)"};
constexpr Statement kFindSelf{"accounts.find_self",
                              "SELECT id, email, name, role, is_active, created_at FROM core.users "
                              "WHERE id = (SELECT sec.uid())"};

Account decode_account(const postgres::Row& row) {
  return Account{row.get<Uuid>("id"),          row.get<std::string>("email"),
                 row.get<std::string>("name"), row.get<std::string>("role"),
                 row.get<bool>("is_active"),   row.get<TimePoint>("created_at")};
}

/// What the database keeps of a mailed code.
std::string stored_code(const std::string& code) {
  return postgres::encode_bytes(crypto::sha256(code));
}

}  // namespace

Task<std::optional<TimePoint>> AccountRepository::insert_account(
    postgres::TransactionOptions options, Account account, std::string lookup, std::string hash) {
  const std::string key = postgres::encode_bytes(lookup);
  std::vector<postgres::Call> calls;
  calls.push_back({kRegister, postgres::parameters(account.id, account.email, key, account.name,
                                                   account.role, hash)});
  calls.push_back({kFindCreation, postgres::parameters(key)});
  const auto rows = co_await auth_.run_all(std::move(options), std::move(calls));
  if (!rows[0][0].get<bool>("made")) co_return std::nullopt;
  co_return rows[1][0].get<TimePoint>("created_at");
}

Task<std::optional<Credentials>> AccountRepository::find_credentials(
    postgres::TransactionOptions options, std::string lookup, std::string mail_code,
    HoldRule rule) {
  auto values = postgres::parameters(postgres::encode_bytes(lookup), stored_code(mail_code),
                                     rule.most, rule.seconds);
  const auto rows = co_await auth_.run(std::move(options), kFindCredentials, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return Credentials{decode_account(rows[0]), rows[0].get<std::string>("password_hash"),
                        rows[0].get<std::int32_t>("version"), rows[0].get<bool>("held"),
                        rows[0].get<bool>("code_holds")};
}

Task<std::optional<OpenedSession>> AccountRepository::open_session(
    postgres::TransactionOptions options, Uuid session_id, Uuid user_id, std::string address,
    std::string user_agent, SignInProof proof) {
  std::optional<std::string> code;
  if (proof.code) code = stored_code(*proof.code);
  auto values = postgres::parameters(session_id, user_id, address, user_agent, proof.version, code,
                                     proof.from_known_device);
  const auto rows = co_await auth_.run(std::move(options), kOpenSession, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return OpenedSession{rows[0].get<TimePoint>("created_at"),
                          rows[0].get<TimePoint>("expires_at")};
}

Task<void> AccountRepository::close_session(postgres::TransactionOptions options, bool everywhere) {
  auto values = postgres::parameters(everywhere);
  co_await auth_.run(std::move(options), kCloseSession, std::move(values));
}

Task<void> AccountRepository::renew_hash(postgres::TransactionOptions options, Uuid user_id,
                                         std::string old_hash, std::string new_hash) {
  auto values = postgres::parameters(user_id, old_hash, new_hash);
  co_await auth_.run(std::move(options), kRenewHash, std::move(values));
}

Task<std::optional<Account>> AccountRepository::find_self(postgres::TransactionOptions options) {
  const postgres::Parameters none;
  const auto rows = co_await people_.run(std::move(options), kFindSelf, none);
  if (rows.empty()) co_return std::nullopt;
  co_return decode_account(rows[0]);
}

}  // namespace evently::accounts
