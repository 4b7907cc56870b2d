#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "people/people_routes.hpp"
#include "support/account_fixture.hpp"

namespace evently::testing {
namespace {

using http::Method;
using observability::SecurityEventType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class PeopleRoutes : public AccountFixture {
 protected:
  PeopleRoutes() {
    serve({people_routes.table(), routes.table()}, door);
    admin = make_admin("root@example.org");
  }

  http::Response patch(const std::string& token, const std::string& id, const std::string& body) {
    return asked(Method::Patch, "/api/v1/users/" + id, token, body);
  }
  std::string id_of(const std::string& token) {
    return text(asked(Method::Get, "/api/v1/me", token), "/id");
  }
  std::string make_admin(const std::string& email) {
    register_person(email);
    arrange("UPDATE core.users SET role = 'admin' WHERE email = '" + email + "'");
    return token_of(email);
  }
  std::int64_t administrators() {
    return superuser
        .run({"test.administrators",
              "SELECT count(*) AS n FROM core.users WHERE role = 'admin' AND is_active"})[0]
        .get<std::int64_t>("n");
  }

  SecurityRecorder sink;
  json::CursorCodec cursors{std::string(32, 'c')};
  postgres::Pool admins{io, {"application_admin", database.conninfo("application_admin")}};
  people::PeopleRepository people_repository{admins};
  people::PeopleRoutes people_routes{people_repository, cursors, sink};
  std::string admin;
};

TEST_F(PeopleRoutes, ListEverybodyInPagesNewestFirst) {
  for (const char* email : {"a@example.org", "b@example.org", "c@example.org"}) {
    register_person(email);
  }
  std::vector<std::string> emails;
  std::string path = "/api/v1/users?limit=3";
  std::string cursor;
  for (int page = 0; page < 2; ++page) {
    const auto answer = asked(Method::Get, path + cursor, admin);
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto document = json(answer);
    for (const auto& item : document.at("items").as_array()) {
      emails.emplace_back(item.at("email").as_string());
    }
    EXPECT_EQ(header(answer, "Link").empty(), page == 1);
    if (page == 0) cursor = "&cursor=" + text(answer, "/next_cursor");
    if (page == 1) EXPECT_TRUE(document.at("next_cursor").is_null());
  }
  EXPECT_THAT(emails,
              ElementsAre("c@example.org", "b@example.org", "a@example.org", "root@example.org"));
  EXPECT_TRUE(sink.saw(SecurityEventType::SensitiveRead, "users.list"));
}

TEST_F(PeopleRoutes, RefuseForeignCursorsAndUnknownFilters) {
  const std::string foreign = cursors.encode("bookings", {to_string(make_uuid_v7())});
  EXPECT_EQ(asked(Method::Get, "/api/v1/users?cursor=" + foreign, admin).status, 400);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users?limit=0", admin).status, 400);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users?password=x", admin).status, 400);
}

TEST_F(PeopleRoutes, AreClosedToEverybodyElse) {
  const std::string user = token_of_new("user@example.org");
  const std::string id = id_of(user);
  for (const auto& [method, path] : {std::pair(Method::Get, std::string("/api/v1/users")),
                                     std::pair(Method::Get, "/api/v1/users/" + id),
                                     {Method::Patch, "/api/v1/users/" + id}}) {
    const auto refused = asked(method, path, user, method == Method::Patch ? "{}" : "");
    EXPECT_EQ(refused.status, 403) << path;
    EXPECT_EQ(text(refused, "/required"), "user:manage") << path;
    EXPECT_EQ(asked(method, path, "").status, 401) << path;
  }
}

TEST_F(PeopleRoutes, ShowOnePersonAndNoStranger) {
  const std::string id = id_of(token_of_new("user@example.org"));
  const auto shown = asked(Method::Get, "/api/v1/users/" + id, admin);
  EXPECT_EQ(shown.status, 200);
  EXPECT_EQ(text(shown, "/email"), "user@example.org");
  EXPECT_FALSE(shown.compressible);
  EXPECT_TRUE(sink.saw(SecurityEventType::SensitiveRead, "users.show"));
  EXPECT_EQ(asked(Method::Get, "/api/v1/users/" + to_string(make_uuid_v7()), admin).status, 404);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users/nobody", admin).status, 404);
  EXPECT_EQ(patch(admin, to_string(make_uuid_v7()), R"({"role":"user"})").status, 404);
}

TEST_F(PeopleRoutes, ChangeTheRoleOfALiveSession) {
  const std::string user = token_of_new("user@example.org");
  const std::string id = id_of(user);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users", user).status, 403);

  const auto promoted = patch(admin, id, R"({"role":"admin"})");
  ASSERT_EQ(promoted.status, 200) << promoted.body;
  EXPECT_EQ(text(promoted, "/role"), "admin");
  EXPECT_EQ(asked(Method::Get, "/api/v1/users", user).status, 200);

  EXPECT_EQ(patch(admin, id, R"({"role":"user"})").status, 200);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users", user).status, 403);
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", user).status, 200) << "the session itself lives";
  EXPECT_TRUE(sink.saw(SecurityEventType::AdminAction, "users.change"));
}

TEST_F(PeopleRoutes, EndTheSessionsOfADeactivatedPersonForGood) {
  const std::string user = token_of_new("user@example.org");
  const std::string id = id_of(user);
  EXPECT_EQ(text(patch(admin, id, R"({"is_active":false})"), "/is_active"), "false");
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", user).status, 401);
  EXPECT_EQ(sign_in("/api/v1/auth/token", "user@example.org").status, 401);

  EXPECT_EQ(text(patch(admin, id, R"({"is_active":true})"), "/is_active"), "true");
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", user).status, 401);
  EXPECT_EQ(asked(Method::Get, "/api/v1/me", token_of("user@example.org")).status, 200);
}

TEST_F(PeopleRoutes, AuditWhoChangedWhat) {
  const std::string id = id_of(token_of_new("user@example.org"));
  patch(admin, id, R"({"role":"admin"})");
  patch(admin, id, R"({"role":"admin"})");
  const auto rows = superuser.run(
      {"test.audit",
       "SELECT actor::text AS actor, object_id::text AS object, changes::text AS changes FROM "
       "aud.event WHERE action = 'core.users.update' AND actor IS NOT NULL"});
  ASSERT_EQ(rows.size(), 1) << "what changes nothing leaves no row";
  EXPECT_EQ(rows[0].get<std::string>("actor"), id_of(admin));
  EXPECT_EQ(rows[0].get<std::string>("object"), id);
  EXPECT_THAT(rows[0].get<std::string>("changes"), HasSubstr(R"("role": ["user", "admin"])"));
}

TEST_F(PeopleRoutes, NameAllFaultsOfAChange) {
  const std::string id = id_of(admin);
  const auto refused = patch(admin, id, R"({"role":"owner","is_active":"yes","email":"x@y.zz"})");
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(json(refused).at("details").as_array().size(), 3U) << refused.body;
  EXPECT_THAT(refused.body, Not(HasSubstr("owner")));
}

TEST_F(PeopleRoutes, KeepTheLastActiveAdministrator) {
  const std::string id = id_of(admin);
  for (const char* change : {R"({"role":"user"})", R"({"is_active":false})"}) {
    const auto refused = patch(admin, id, change);
    EXPECT_EQ(refused.status, 409) << change;
    EXPECT_EQ(text(refused, "/code"), "last_administrator") << change;
  }
  const std::string second = make_admin("second@example.org");
  EXPECT_EQ(patch(second, id_of(second), R"({"is_active":false})").status, 200);
  EXPECT_EQ(patch(admin, id, R"({"role":"user"})").status, 409) << "the other one is switched off";
  EXPECT_EQ(asked(Method::Get, "/api/v1/users", admin).status, 200);
}

TEST_F(PeopleRoutes, WantAFreshProofForARoleAndNoneForALook) {
  const std::string id = id_of(token_of_new("ada@example.org"));
  arrange("UPDATE sec.sessions SET auth_time = now() - interval '6 minutes'");
  const auto refused = patch(admin, id, R"({"role":"admin"})");
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(text(refused, "/code"), "step_up_required");
  EXPECT_EQ(administrators(), 1);
  EXPECT_EQ(asked(Method::Get, "/api/v1/users/" + id, admin).status, 200);
}

TEST_F(PeopleRoutes, KeepOneOfTwoWhoDemoteEachOtherAtOnce) {
  make_admin("other@example.org");
  for (int round = 0; round < 20; ++round) {
    arrange("UPDATE core.users SET role = 'admin', is_active = true");
    const std::string change = round % 2 == 0 ? R"({"role":"user"})" : R"({"is_active":false})";
    const std::string first = token_of("root@example.org");
    const std::string second = token_of("other@example.org");
    const std::string path = "/api/v1/users/";
    const std::string first_id = id_of(first);
    const std::string second_id = id_of(second);
    std::vector<Task<http::Response>> rivals;
    rivals.push_back(begin(request(Method::Patch, path + second_id, bearer(first), change)));
    rivals.push_back(begin(request(Method::Patch, path + first_id, bearer(second), change)));
    const auto answers = run_together(io, std::move(rivals));
    int changed = 0;
    for (const auto& answer : answers) changed += answer.status == 200 ? 1 : 0;
    EXPECT_EQ(changed, 1) << answers[0].body << answers[1].body;
    EXPECT_EQ(administrators(), 1);
  }
}

}  // namespace
}  // namespace evently::testing
