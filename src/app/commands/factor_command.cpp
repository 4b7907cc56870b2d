#include <cstdio>

#include "accounts/account.hpp"
#include "accounts/account_service.hpp"
#include "app/commands/options.hpp"
#include "app/commands/store.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::app {
namespace {

constexpr postgres::Statement kReset{"totp.reset", "SELECT sec.reset_totp($1) AS done"};

}  // namespace

int run_admin_reset_totp(const AdminResetTotpOptions& options) {
  const Store store = Store::join_existing(options.store);
  postgres::SyncConnection connection(store.conninfo("application_operator"));
  const std::string lookup = accounts::email_lookup(
      store.secrets().key("lookup.key"), accounts::canonical_email(options.email).value_or(""));
  const auto values = postgres::parameters(postgres::encode_bytes(lookup));
  if (!connection.run(kReset, values)[0].get<bool>("done")) {
    std::fprintf(stderr, "evently: %s has no second factor\n", options.email.c_str());
    return 1;
  }
  std::printf("%s has no second factor any more and is signed out everywhere\n",
              options.email.c_str());
  return 0;
}

}  // namespace evently::app
