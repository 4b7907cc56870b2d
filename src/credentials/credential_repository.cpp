#include "credentials/credential_repository.hpp"

namespace evently::credentials {
namespace {

using postgres::Statement;

constexpr Statement kList{"credentials.list_sessions",
                          "SELECT id, coalesce(client_ip, '') AS client_ip, coalesce(user_agent, "
                          "'') AS user_agent, created_at, last_seen_at, expires_at, is_current "
                          "FROM sec.own_sessions()"};
constexpr Statement kEnd{"credentials.end_session", "SELECT sec.end_session($1) AS ended"};
constexpr Statement kFindOwn{"credentials.find_own",
                             "SELECT email, name, password_hash FROM sec.own_credentials()"};
constexpr Statement kProve{"credentials.prove_password",
                           "SELECT sec.prove_password($1, $2) AS proved"};

OwnSession decode_session(const postgres::Row& row) {
  return {row.get<Uuid>("id"),
          row.get<std::string>("client_ip"),
          row.get<std::string>("user_agent"),
          row.get<TimePoint>("created_at"),
          row.get<TimePoint>("last_seen_at"),
          row.get<TimePoint>("expires_at"),
          row.get<bool>("is_current")};
}

}  // namespace

Task<std::vector<OwnSession>> CredentialRepository::list_sessions(
    postgres::TransactionOptions options) {
  const postgres::Parameters none;
  const auto rows = co_await auth_.run(std::move(options), kList, none);
  co_return rows.map(decode_session);
}

Task<bool> CredentialRepository::end_session(postgres::TransactionOptions options, Uuid session) {
  auto values = postgres::parameters(session);
  const auto rows = co_await auth_.run(std::move(options), kEnd, std::move(values));
  co_return rows[0].get<bool>("ended");
}

Task<std::optional<OwnCredentials>> CredentialRepository::find_own(
    postgres::TransactionOptions options) {
  const postgres::Parameters none;
  const auto rows = co_await auth_.run(std::move(options), kFindOwn, none);
  if (rows.empty()) co_return std::nullopt;
  co_return OwnCredentials{rows[0].get<std::string>("email"), rows[0].get<std::string>("name"),
                           rows[0].get<std::string>("password_hash")};
}

Task<bool> CredentialRepository::prove_password(postgres::TransactionOptions options,
                                                std::string proved_hash,
                                                std::optional<std::string> new_hash) {
  auto values = postgres::parameters(proved_hash, new_hash);
  const auto rows = co_await auth_.run(std::move(options), kProve, std::move(values));
  co_return rows[0].get<bool>("proved");
}

}  // namespace evently::credentials
