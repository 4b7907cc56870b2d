// What people do about their own access, over the wire: look, end a session, prove, change the
// password.
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "support/server_process.hpp"

namespace evently::testing {
namespace {

constexpr char kSignIn[] = R"({"email":"sessions@example.org","password":"correct horse battery"})";

class OwnSessions : public ::testing::Test {
 protected:
  Headers new_session() {
    return bearer(client.post("/api/v1/auth/token", kSignIn).text("/access_token"));
  }
  int status_of(const Headers& session) { return client.get("/api/v1/me", session).status; }

  ServerProcess& server = ServerProcess::shared();
  HttpClient client = server.client();
};

TEST_F(OwnSessions, AreListedEndedAndOverWithTheOldPassword) {
  const std::string account =
      R"({"email":"sessions@example.org","name":"Ada","password":"correct horse battery"})";
  ASSERT_EQ(client.post("/api/v1/auth/register", account).status, 201);
  const Headers first = new_session();
  const Headers second = new_session();
  const Headers third = new_session();

  const Answer list = client.get("/api/v1/auth/sessions", third);
  ASSERT_EQ(list.status, 200) << list.body;
  ASSERT_EQ(list.json().at("items").as_array().size(), 3U);
  EXPECT_EQ(list.text("/items/0/is_current"), "true");
  EXPECT_EQ(list.text("/items/2/address"), "127.0.0.1");

  const std::string oldest = "/api/v1/auth/sessions/" + list.text("/items/2/id");
  EXPECT_EQ(client.send("DELETE", oldest, "", third).status, 204);
  EXPECT_EQ(status_of(first), 401);
  EXPECT_EQ(client.send("DELETE", oldest, "", third).status, 404);

  EXPECT_EQ(client.post("/api/v1/auth/step-up", R"({"password":"not this one"})", third).status,
            401);
  EXPECT_EQ(
      client.post("/api/v1/auth/step-up", R"({"password":"correct horse battery"})", third).status,
      204);
  const std::string change =
      R"({"current_password":"correct horse battery","new_password":"wrong donkey battery"})";
  EXPECT_EQ(client.post("/api/v1/auth/password", change, third).status, 204);
  EXPECT_EQ(status_of(second), 401);
  EXPECT_EQ(status_of(third), 200);
  EXPECT_EQ(client.post("/api/v1/auth/token", kSignIn).status, 401);
}

}  // namespace
}  // namespace evently::testing
