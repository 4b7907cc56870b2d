#include "people/people_repository.hpp"

#include <stdexcept>

namespace evently::people {
namespace {

using accounts::Account;
using postgres::Statement;

constexpr Statement kList{
    "people.list",
    "SELECT u.id, u.email, u.name, u.role, u.is_active, u.created_at FROM core.users u"
    " WHERE u.id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')"
    " ORDER BY u.id DESC LIMIT $2"};
constexpr Statement kFind{
    "people.find",
    "SELECT u.id, u.email, u.name, u.role, u.is_active, u.created_at FROM core.users u"
    " WHERE u.id = $1"};
constexpr Statement kChange{"people.change",
                            "SELECT outcome, id, email, name, role, is_active, created_at FROM "
                            "sec.change_user($1, $2, $3)"};

Account decode_account(const postgres::Row& row) {
  Account account;
  account.id = row.get<Uuid>("id");
  account.email = row.get<std::string>("email");
  account.name = row.get<std::string>("name");
  account.role = row.get<std::string>("role");
  account.is_active = row.get<bool>("is_active");
  account.created_at = row.get<TimePoint>("created_at");
  return account;
}

PeopleRefusal decode_refusal(const std::string& outcome) {
  if (outcome == "not_found") return PeopleRefusal::NotFound;
  if (outcome == "last_administrator") return PeopleRefusal::LastAdministrator;
  if (outcome == "denied") return PeopleRefusal::Denied;
  if (outcome == "signed_out") return PeopleRefusal::SignedOut;
  throw std::logic_error("sec.change_user answered " + outcome);
}

}  // namespace

Task<std::vector<Account>> PeopleRepository::list(postgres::TransactionOptions options,
                                                  std::optional<Uuid> before, std::int64_t limit) {
  auto values = postgres::parameters(before, limit);
  const auto rows = co_await pool_.run(std::move(options), kList, std::move(values));
  co_return rows.map(decode_account);
}

Task<std::optional<Account>> PeopleRepository::find(postgres::TransactionOptions options, Uuid id) {
  auto values = postgres::parameters(id);
  const auto rows = co_await pool_.run(std::move(options), kFind, std::move(values));
  if (rows.empty()) co_return std::nullopt;
  co_return decode_account(rows[0]);
}

Task<Result<Account, PeopleRefusal>> PeopleRepository::change(postgres::TransactionOptions options,
                                                              Uuid id, AccountChange change) {
  auto values = postgres::parameters(id, change.role, change.is_active);
  const auto rows = co_await pool_.run(std::move(options), kChange, std::move(values));
  const auto outcome = rows[0].get<std::string>("outcome");
  if (outcome != "changed") co_return decode_refusal(outcome);
  co_return decode_account(rows[0]);
}

}  // namespace evently::people
