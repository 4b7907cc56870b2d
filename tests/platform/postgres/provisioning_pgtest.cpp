#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <thread>
#include <vector>

#include "platform/crypto/hmac.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/migrator.hpp"
#include "platform/postgres/provisioning.hpp"
#include "support/external_cluster.hpp"
#include "support/refusal_of.hpp"

namespace evently::postgres {
namespace {

using testing::ExternalCluster;
using ::testing::HasSubstr;
using testing::read_text;
using testing::refusal_of;
using testing::ScratchFolder;
namespace fs = std::filesystem;

constexpr Statement kMighty{"test.mighty",
                            "SELECT count(*)::integer AS n FROM pg_roles WHERE rolname ~ "
                            "'^(application_|evently_)' AND (rolsuper OR rolbypassrls OR "
                            "rolcreaterole OR rolreplication OR rolinherit)"};
constexpr Statement kScram{"test.scram",
                           "SELECT count(*)::integer AS n FROM pg_authid WHERE rolname ~ "
                           "'^application_' AND rolpassword LIKE 'SCRAM-SHA-256$%'"};
constexpr Statement kStored{"test.stored_key",
                            "SELECT encode(key, 'hex') AS k FROM sec.context_keys WHERE kid = 1"};
constexpr Statement kDropRoles{
    "test.drop_roles",
    "SELECT format('DROP OWNED BY %1$I CASCADE; DROP ROLE %1$I', rolname) AS sql FROM pg_roles "
    "WHERE rolname ~ '^(application_|evently_|operator$)'"};

void apply_migrations(SyncConnection& connection) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(EVENTLY_SOURCE_DIR "/db/migrations")) {
    files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::pair<std::string, std::string>> texts;
  for (const fs::path& file : files) texts.emplace_back(file.filename(), read_text(file));
  std::vector<Migration> migrations;
  for (const auto& [name, sql] : texts) migrations.push_back({name, sql});
  migrate(connection, migrations);
}

/// An external server with the database `evently`, owned by `operator`: CREATEROLE, not superuser.
/// Roles belong to the whole server, so each test begins by dropping them.
class ProvisioningPgTest : public ::testing::Test {
 protected:
  ProvisioningPgTest() : secrets_(config::Secrets::load_or_make(folder_ / "data")) {
    SyncConnection admin(ExternalCluster::shared().superuser_url());
    admin.script("test.drop", "DROP DATABASE IF EXISTS evently WITH (FORCE)");
    const Rows rows = admin.run(kDropRoles);
    for (int i = 0; i < rows.size(); ++i)
      admin.script("test.drop_role", rows[i].get<std::string>("sql"));
    admin.script("test.operator", "CREATE ROLE operator LOGIN CREATEROLE PASSWORD 'op'");
    admin.script("test.database", "CREATE DATABASE evently OWNER operator");
  }

  static std::string operator_url() {
    return ExternalCluster::shared().url("operator", "op", "evently");
  }
  static std::string superuser_url() { return ExternalCluster::shared().superuser_url("evently"); }

  void set_up_as(const std::string& url) const {
    SyncConnection connection(url);
    provision_roles(connection, secrets_);
    apply_migrations(connection);
    provision_context_keys(connection, secrets_.ring("context.key"));
  }
  bool can_sign_in(const std::string& role) const {
    return can_connect(conninfo_for_role(operator_url(), role, secrets_.password(role)));
  }

  ScratchFolder folder_;
  config::Secrets secrets_;
};

TEST_F(ProvisioningPgTest, SetsUpADatabaseAsSuperuserAndAgain) {
  set_up_as(superuser_url());
  set_up_as(superuser_url());
  EXPECT_TRUE(can_sign_in("application_user"));
}

TEST_F(ProvisioningPgTest, SetsUpADatabaseAsItsOwnerWithCreateRoleAndAgain) {
  set_up_as(operator_url());
  set_up_as(operator_url());
  for (const char* role :
       {"application_user", "application_public", "application_admin", "application_auth",
        "application_worker", "application_sealer", "application_operator"}) {
    EXPECT_TRUE(can_sign_in(role)) << role;
  }
}

TEST_F(ProvisioningPgTest, StoresTheContextKeyOfTheSecrets) {
  set_up_as(operator_url());
  SyncConnection admin(superuser_url());
  EXPECT_EQ(admin.run(kStored)[0].get<std::string>("k"),
            crypto::to_hex(secrets_.key("context.key")));
}

TEST_F(ProvisioningPgTest, StoresEveryLiveContextKeyAndOverwritesNoOtherNodesKey) {
  set_up_as(operator_url());
  SyncConnection admin(operator_url());
  const TimePoint now = SystemClock().now();
  crypto::KeyRing ring = crypto::rotated(secrets_.ring("context.key"), now, std::chrono::hours(1));
  provision_context_keys(admin, ring);
  provision_context_keys(admin, ring);
  SyncConnection superuser(superuser_url());
  const Statement count{"test.count",
                        "SELECT count(*)::integer AS n, count(retire_after)::integer AS retiring "
                        "FROM sec.context_keys"};
  EXPECT_EQ(superuser.run(count)[0].get<std::int32_t>("n"), 2);
  EXPECT_EQ(superuser.run(count)[0].get<std::int32_t>("retiring"), 1);

  ring.back().secret = std::string(32, 'x');
  EXPECT_THAT(refusal_of([&] { provision_context_keys(admin, ring); }), HasSubstr("context key 2"));
  ring.back().retire_after = now;
  provision_context_keys(admin, ring);  // a retired key is nobody's matter
  EXPECT_EQ(superuser.run(count)[0].get<std::int32_t>("n"), 2);
}

TEST_F(ProvisioningPgTest, GivesLeastRightsAndScramPasswords) {
  SyncConnection admin(superuser_url());
  provision_roles(admin, secrets_);
  EXPECT_EQ(admin.run(kMighty)[0].get<std::int32_t>("n"), 0);
  EXPECT_EQ(admin.run(kScram)[0].get<std::int32_t>("n"), 7);
}

TEST_F(ProvisioningPgTest, RefusesARoleThatCouldPassRowLevelSecurity) {
  SyncConnection admin(superuser_url());
  admin.script("test.mighty", "CREATE ROLE application_user LOGIN BYPASSRLS NOINHERIT");
  EXPECT_THAT(refusal_of([&] { provision_roles(admin, secrets_); }),
              HasSubstr("ALTER ROLE application_user"));
}

TEST_F(ProvisioningPgTest, LetsTwoNodesStartTogether) {
  const auto start = [&](std::exception_ptr& fault) {
    try {
      set_up_as(operator_url());
    } catch (const std::exception&) {
      fault = std::current_exception();
    }
  };
  std::exception_ptr here;
  std::exception_ptr there;
  std::thread other([&] { start(there); });
  start(here);
  other.join();
  EXPECT_NO_THROW({
    if (here) std::rethrow_exception(here);
  });
  EXPECT_NO_THROW({
    if (there) std::rethrow_exception(there);
  });
}

}  // namespace
}  // namespace evently::postgres
