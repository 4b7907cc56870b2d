#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/create_admin.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Optional;

class CreateAdmin : public AccountFixture {
 protected:
  std::optional<std::string> create(const std::string& email,
                                    const std::string& name = "Grace Hopper",
                                    const std::string& password = kPassword) {
    return accounts::create_admin(operations, hasher, lookup_key, email, name, password);
  }
  postgres::SyncConnection operations{database.conninfo("application_operator")};
};

TEST_F(CreateAdmin, MakesSomebodyWhoMayAdminister) {
  ASSERT_EQ(create("Grace@example.org"), std::nullopt);
  EXPECT_EQ(get("/probe/admin", bearer(token_of("grace@example.org"))).body, "admin");
  const auto rows = superuser.run(
      {"test.audit",
       "SELECT db_login::text AS who FROM aud.event WHERE action = 'core.users.insert'"});
  EXPECT_EQ(rows[0].get<std::string>("who"), "application_operator");
}

TEST_F(CreateAdmin, PromotesNobodyInSilence) {
  register_person("ada@example.org");
  EXPECT_THAT(create("ADA@example.org"), Optional(HasSubstr("of role user")));
  EXPECT_EQ(get("/probe/admin", bearer(token_of("ada@example.org"))).status, 403);
  ASSERT_EQ(create("grace@example.org"), std::nullopt);
  EXPECT_THAT(create("grace@example.org"), Optional(HasSubstr("of role admin")));
}

TEST_F(CreateAdmin, SaysWhatIsWrong) {
  EXPECT_THAT(create("nobody"), Optional(HasSubstr("--email")));
  EXPECT_THAT(create("\xff@example.org"), Optional(HasSubstr("--email")));
  EXPECT_THAT(create("grace@example.org", ""), Optional(HasSubstr("--name")));
  EXPECT_THAT(create("grace@example.org", "a\nb"), Optional(HasSubstr("--name")));
  EXPECT_THAT(create("grace@example.org", "\xff"), Optional(HasSubstr("--name")));
  EXPECT_THAT(create("grace@example.org", "Grace", "short"), Optional(HasSubstr("12 to 128")));
}

TEST_F(CreateAdmin, CountsCharactersOfTheName) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "é";
  EXPECT_EQ(create("grace@example.org", name), std::nullopt);
  EXPECT_THAT(create("other@example.org", name + "é"), Optional(HasSubstr("--name")));
}

}  // namespace
}  // namespace evently::testing
