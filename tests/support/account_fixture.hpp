#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <string>
#include <vector>

#include "accounts/account_routes.hpp"
#include "accounts/door.hpp"
#include "api_keys/api_key_routes.hpp"
#include "browser/csrf_routes.hpp"
#include "platform/http/router.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"
#include "support/run_task.hpp"
#include "support/security_recorder.hpp"

namespace evently::testing {

/// The accounts slice on a database of its own, asked through the router but without a socket.
/// Beside its routes stand probes, one for each kind of access, which answer with the caller's
/// role.
class AccountFixture : public ::testing::Test {
 protected:
  using Headers = std::vector<std::pair<std::string, std::string>>;

  AccountFixture();

  /// From now on these routes and no others, behind `at`.
  void serve(const std::vector<std::vector<http::Route>>& tables, http::Authenticator& at);

  http::Request request(http::Method method, const std::string& path, Headers headers = {},
                        const std::string& body = "");
  http::Response call(http::Method method, const std::string& path, Headers headers = {},
                      const std::string& body = "");
  http::Response post(const std::string& path, const std::string& body, Headers headers = {});
  http::Response get(const std::string& path, Headers headers = {});
  /// As whoever holds `token`; the path may have a query.
  http::Response asked(http::Method method, const std::string& path, const std::string& token,
                       const std::string& body = "");
  /// As call(), without waiting: for several at once.
  Task<http::Response> begin(http::Request request);

  http::Response register_person(const std::string& email, const std::string& password = kPassword);
  http::Response sign_in(const std::string& path, const std::string& email,
                         const std::string& password = kPassword);
  /// Registers and signs in; gives the token.
  std::string token_of_new(const std::string& email);
  std::string token_of(const std::string& email);

  static Headers bearer(const std::string& token);
  static Headers cookie(const std::string& token);
  /// What a page of ours sends: the cookie, where it comes from, and the token of its session.
  Headers page(const std::string& token);
  static boost::json::value json(const http::Response& response);
  /// A member's text; "" when absent.
  static std::string text(const http::Response& response, const std::string& pointer);
  static std::string header(const http::Response& response, const std::string& name);
  /// The body with its errorId blanked: what two refusals are compared by.
  static std::string without_error_id(const http::Response& response);

  /// True once a statement that contains `part` waits for a lock in this test's database.
  bool somebody_waits_for_a_lock(const std::string& part = "") const;

  /// As the superuser, on rows the program would not let anybody touch.
  void arrange(const std::string& sql) { superuser.script("test.arrange", sql); }

  static constexpr char kPassword[] = "correct horse battery";

  boost::asio::io_context io;
  MigratedDatabase database;
  postgres::SyncConnection superuser{database.superuser_conninfo()};
  SystemClock clock;
  std::string lookup_key = std::string(32, 'l');
  crypto::PasswordHasher hasher{std::string(32, 'p')};
  crypto::HashPool hash_pool{2, 64};
  crypto::TokenKeys tokens{crypto::ring_of(std::string(32, 't'))};
  postgres::ContextSigner signer{1, MigratedDatabase::context_key(), clock};
  postgres::Pool auth{io, {"application_auth", database.conninfo("application_auth"), 8}};
  postgres::Pool people{io, {"application_user", database.conninfo("application_user")}};
  accounts::AccountRepository repository{auth, people};
  accounts::AccountService service{repository, {hasher, hash_pool, tokens, signer, lookup_key}};
  browser::CsrfTokens csrf{std::string(32, 'c')};
  browser::OwnOrigins origins;
  browser::Guard guard{tokens, csrf, origins, clock};
  browser::CsrfRoutes csrf_routes{guard, csrf};
  SecurityRecorder security;
  accounts::AccountRoutes routes{service, csrf};
  api_keys::ApiKeyRepository api_keys{auth};
  api_keys::ApiKeyRoutes api_key_routes{api_keys, false};
  api_keys::KeyBook key_book{api_keys};
  api_keys::KeyUsage key_usage;
  accounts::Door door{auth, tokens, signer, clock, guard, {key_book, key_usage}, security};

 private:
  std::unique_ptr<http::Router> router_;
};

}  // namespace evently::testing
