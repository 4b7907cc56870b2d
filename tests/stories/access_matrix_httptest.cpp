// Requirements C1 and C2: every operation of the contract, asked by everybody, about everything.
// New operations are covered without a change here.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <map>
#include <regex>
#include <set>

#include "support/openapi.hpp"
#include "support/permission_matrix.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

constexpr char kAbsent[] = "01930c3e-7a10-7c3a-9a53-3f1c2b6d8e21";

/// Asks with an empty object as body: access is decided before it is looked at.
Answer ask(HttpClient& client, const Operation& operation, const std::string& id, Headers headers) {
  const std::string target = std::regex_replace(operation.path, std::regex(R"(\{[^}]*\})"), id);
  const bool has_body = operation.method == "POST" || operation.method == "PATCH";
  if (has_body) headers.emplace_back("Content-Type", "application/json");
  if (operation.method == "PATCH") headers.emplace_back("If-Match", "*");
  return client.send(operation.method, target, has_body ? "{}" : "", std::move(headers));
}

bool is_open(const Operation& operation) { return operation.permission == "public"; }

std::string code_of(const Answer& answer) {
  const bool is_problem = answer.header("content-type") == "application/problem+json";
  return is_problem ? answer.text("/code") : "";
}

std::string without_error_id(const Answer& answer) {
  return std::regex_replace(answer.body, std::regex(R"("errorId":"[^"]*")"), "");
}

/// People with sessions, without the cost of a password each. Signing out ends a session, so
/// everybody is used once.
class People {
 public:
  explicit People(const ServerProcess& server, int count) {
    const auto file = server.data_dir() / "people.txt";
    const CommandResult made =
        run_evently({"bench", "prepare", "--data-dir", server.data_dir() / "data", "--users",
                     std::to_string(count), "--events", "1", "--seats", "100", "--tokens", file});
    if (made.exit_code != 0) throw std::runtime_error(made.output);
    lines_.open(file);
  }
  std::string next_token() {
    std::string id;
    std::string token;
    if (!(lines_ >> id >> token)) throw std::runtime_error("too few people");
    return token;
  }

 private:
  std::ifstream lines_;
};

class AccessMatrix : public ::testing::Test {
 protected:
  /// A batch proves session and permission itself, once the wish is well-formed.
  Answer ask_well(const Operation& one, Headers headers) {
    if (one.permission != "booking:create") return ask(client_, one, kAbsent, std::move(headers));
    const std::string wish = std::string(R"({"event_id":")") + kAbsent + R"(","quantity":1})";
    return client_.post("/api/v1/bookings", wish, std::move(headers));
  }
  Answer make_key(const std::string& scopes) {
    Answer made = client_.post("/api/v1/api-keys", R"({"name":"matrix","scopes":)" + scopes + "}",
                               bearer(admin_.token));
    EXPECT_EQ(made.status, 201) << made.body;
    return made;
  }

  ServerProcess server_;
  People people_{server_, 400};
  Person admin_ = make_administrator(server_);
  HttpClient client_ = server_.client();
  std::vector<Operation> operations_ = documented_operations();
};

TEST_F(AccessMatrix, NobodySignedInGetsWhatIsPublicOnly) {
  for (const Operation& one : operations_) {
    const Answer answer = ask(client_, one, kAbsent, {});
    EXPECT_EQ(code_of(answer) == "authentication_required", !is_open(one))
        << one.method << " " << one.path << ": " << answer.body;
  }
}

TEST_F(AccessMatrix, RevokedSessionsGetWhatIsPublicOnly) {
  const std::string token = people_.next_token();
  ASSERT_EQ(client_.post("/api/v1/auth/logout", "", bearer(token)).status, 204);
  for (const Operation& one : operations_) {
    if (is_open(one)) continue;
    const Answer answer = ask_well(one, bearer(token));
    EXPECT_EQ(code_of(answer), "authentication_required") << one.method << " " << one.path;
  }
}

TEST_F(AccessMatrix, UsersGetWhatTheirRoleMayAndNoMore) {
  for (const Operation& one : operations_) {
    const Answer answer = ask(client_, one, kAbsent, bearer(people_.next_token()));
    const bool may =
        is_open(one) || one.permission == "signed_in" || kUserPermissions.contains(one.permission);
    EXPECT_EQ(code_of(answer) == "insufficient_permissions", !may) << one.method << " " << one.path;
    EXPECT_NE(code_of(answer), "authentication_required") << one.method << " " << one.path;
    if (may) continue;
    EXPECT_EQ(answer.status, 403);
    EXPECT_EQ(answer.text("/required"), one.permission);
    EXPECT_EQ(answer.text("/user_role"), "user");
    EXPECT_EQ(answer.json().as_object().size(), 8U)
        << answer.body;  // six of every problem, and these
  }
}

TEST_F(AccessMatrix, AdministratorsGetEverything) {
  for (const Operation& one : operations_) {
    if (one.path.find("/logout") != std::string::npos) continue;  // would end the session
    const Answer answer = ask(client_, one, kAbsent, bearer(admin_.token));
    EXPECT_NE(code_of(answer), "insufficient_permissions") << one.method << " " << one.path;
    EXPECT_NE(code_of(answer), "authentication_required") << one.method << " " << one.path;
    EXPECT_LT(answer.status, 500) << one.method << " " << one.path << answer.body;
  }
}

/// With keys: of an administrator, for one permission each, for all, and revoked.
TEST_F(AccessMatrix, KeysGetWhatTheirScopesNameAndNoMore) {
  std::set<std::string> permissions;
  for (const Operation& one : operations_) {
    if (!is_open(one) && one.permission != "signed_in") permissions.insert(one.permission);
  }
  for (const std::string& scope : permissions) {
    const Answer made = make_key(R"([")" + scope + R"("])");
    for (const Operation& one : operations_) {
      const Answer answer = ask_well(one, {{"X-API-Key", made.text("/key")}});
      const std::string wanted = one.permission == "signed_in" ? "sign_in" : one.permission;
      const bool may = is_open(one) || one.permission == scope;
      EXPECT_EQ(code_of(answer) == "insufficient_permissions", !may)
          << one.method << " " << one.path << " with " << scope << ": " << answer.body;
      EXPECT_NE(code_of(answer), "authentication_required") << one.method << " " << one.path;
      EXPECT_LT(answer.status, 500) << one.method << " " << one.path << answer.body;
      const bool asks_proof = may && !is_open(one) && one.step_up == "required";
      EXPECT_EQ(code_of(answer) == "step_up_required", asks_proof) << one.method << " " << one.path;
      if (!may) EXPECT_EQ(answer.text("/required"), wanted) << one.method << " " << one.path;
    }
    const std::string path = "/api/v1/api-keys/" + made.text("/id");
    ASSERT_EQ(client_.send("DELETE", path, "", bearer(admin_.token)).status, 204);
    for (const Operation& one : operations_) {
      if (is_open(one)) continue;
      const Answer answer = ask_well(one, {{"X-API-Key", made.text("/key")}});
      EXPECT_EQ(code_of(answer), "authentication_required") << one.method << " " << one.path;
    }
  }
}

TEST_F(AccessMatrix, KeysChangeNobodysRole) {
  const Answer made = make_key(R"(["user:manage"])");
  const Answer answer =
      client_.send("PATCH", "/api/v1/users/" + admin_.id, R"({"role":"user"})",
                   {{"X-API-Key", made.text("/key")}, {"Content-Type", "application/json"}});
  EXPECT_EQ(answer.status, 403);
  EXPECT_EQ(answer.text("/code"), "step_up_required");
}

/// One object of each kind that a person can own, by the name of its path parameter.
std::map<std::string, std::string> own_everything(HttpClient& client, const Person& owner,
                                                  const std::string& event_id) {
  const Answer booked =
      client.post("/api/v1/bookings", R"({"event_id":")" + event_id + R"(","quantity":1})",
                  bearer(owner.token));
  const Answer key = client.post("/api/v1/api-keys", R"({"name":"mine","scopes":["event:read"]})",
                                 bearer(owner.token));
  const Answer sessions = client.get("/api/v1/auth/sessions", bearer(owner.token));
  return {{"booking_id", booked.text("/id")},
          {"key_id", key.text("/id")},
          {"session_id", sessions.text("/items/0/id")}};
}

TEST_F(AccessMatrix, SomebodyElsesObjectIsAnAbsentOne) {
  const std::string event_id = create_event(client_, admin_, 10);
  const Person owner = register_person(client_);
  const Person stranger = register_person(client_);
  const auto owned = own_everything(client_, owner, event_id);
  const auto asked_about = [](const std::string& path) {
    const std::size_t begin = path.find('{') + 1;
    return path.substr(begin, path.find('}') - begin);
  };

  std::set<std::string> compared;
  for (const Operation& one : operations_) {
    const bool has_object = one.path.find('{') != std::string::npos;
    if (!has_object || is_open(one) || kAdminPermissionsBesides.contains(one.permission)) continue;
    const std::string kind = asked_about(one.path);
    ASSERT_TRUE(owned.contains(kind)) << "nobody here owns a " << kind << " for " << one.path;
    const Answer theirs = ask(client_, one, owned.at(kind), bearer(stranger.token));
    const Answer absent = ask(client_, one, kAbsent, bearer(stranger.token));
    EXPECT_EQ(theirs.status, 404) << one.method << " " << one.path << theirs.body;
    EXPECT_EQ(absent.status, 404) << one.method << " " << one.path << absent.body;
    EXPECT_EQ(without_error_id(theirs), without_error_id(absent)) << one.method << " " << one.path;
    compared.insert(kind);
  }
  EXPECT_EQ(compared.size(), owned.size());

  // Untouched, and no empty id was compared: the owner finds each.
  const Answer booking =
      client_.get("/api/v1/bookings/" + owned.at("booking_id"), bearer(owner.token));
  EXPECT_EQ(booking.text("/status"), "confirmed");
  for (const auto& [kind, path] : {std::pair{"key_id", "/api/v1/api-keys/"},
                                   std::pair{"session_id", "/api/v1/auth/sessions/"}}) {
    const Answer gone = client_.send("DELETE", path + owned.at(kind), "", bearer(owner.token));
    EXPECT_EQ(gone.status, 204) << kind << gone.body;
  }
}

}  // namespace
}  // namespace evently::testing
