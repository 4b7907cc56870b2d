#include "accounts/create_admin.hpp"

#include <algorithm>

#include "accounts/account_service.hpp"
#include "platform/http/encoding.hpp"

namespace evently::accounts {
namespace {

constexpr postgres::Statement kFindRole{"accounts.find_role",
                                        "SELECT role FROM core.users WHERE email_lookup = $1"};
constexpr postgres::Statement kCreate{
    "accounts.create_admin", "SELECT sec.register_user($1, $2, $3, $4, 'admin', $5) AS made"};

bool is_name(std::string_view name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  const std::size_t size = passwords::count_characters(name);
  return !has_control && http::is_utf8(name) && size >= 1 && size <= 200;
}

}  // namespace

std::optional<std::string> create_admin(postgres::SyncConnection& connection,
                                        const crypto::PasswordHasher& hasher,
                                        const std::string& lookup_key, const std::string& email,
                                        const std::string& name, const std::string& password,
                                        const passwords::PasswordPolicy& policy) {
  const auto canonical = canonical_email(email);
  if (!canonical || !http::is_utf8(email)) return "--email must be an email address";
  if (!is_name(name)) return "--name must have 1 to 200 characters and no control characters";
  const auto fault = passwords::password_fault(policy, password, {email, name});
  if (fault) return "the password " + *fault;

  const std::string lookup = email_lookup(lookup_key, *canonical);
  const auto rows = connection.run(
      kCreate, postgres::parameters(make_uuid_v7(), email, postgres::encode_bytes(lookup), name,
                                    hasher.hash(password)));
  if (rows[0].get<bool>("made")) return std::nullopt;
  const auto taken =
      connection.run(kFindRole, postgres::parameters(postgres::encode_bytes(lookup)));
  return "this address has an account already, of role " + taken[0].get<std::string>("role") +
         "; nobody is promoted by this command, choose another address";
}

}  // namespace evently::accounts
