// Requirement C1: the matrix in the database is the one of the HTTP contract, no more and no less.
#include <gtest/gtest.h>

#include <set>

#include "platform/postgres/sync_connection.hpp"
#include "support/migrated_database.hpp"
#include "support/permission_matrix.hpp"

namespace evently::testing {
namespace {

TEST(PermissionMatrix, EqualsTheContract) {
  MigratedDatabase database;
  postgres::SyncConnection superuser(database.superuser_conninfo());
  std::set<std::string> expected;
  for (const auto& permission : kUserPermissions)
    expected.insert({std::string("user ") + permission, "admin " + permission});
  for (const auto& permission : kAdminPermissionsBesides) expected.insert("admin " + permission);

  std::set<std::string> found;
  const auto rows = superuser.run(
      {"test.matrix", "SELECT role || ' ' || permission AS cell FROM sec.role_permissions"});
  for (int i = 0; i < rows.size(); ++i) found.insert(rows[i].get<std::string>("cell"));
  EXPECT_EQ(found, expected);
}

}  // namespace
}  // namespace evently::testing
