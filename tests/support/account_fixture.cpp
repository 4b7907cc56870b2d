#include "support/account_fixture.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "platform/http/encoding.hpp"
#include "support/eventually.hpp"

namespace evently::testing {
namespace {

using http::Method;

Task<http::Response> show_role(http::Request request) {
  const std::string role = request.principal ? request.principal->role : "nobody";
  co_return http::text(200, "text/plain", role);
}

std::vector<http::Route> probes() {
  return {
      {Method::Get, "/probe/signed-in", http::signed_in(), "", show_role},
      {Method::Post, "/probe/signed-in", http::signed_in(), "", show_role},
      {Method::Get, "/probe/admin", http::needs("user:manage"), "", show_role},
      {Method::Get, "/probe/proved", http::proved_in_statement("booking:create"), "", show_role},
      {Method::Get, "/probe/own", http::needs("booking:read:own"), "", show_role},
      {Method::Get, "/probe/optional", http::anyone_or_signed_in(), "", show_role},
  };
}

std::string quoted(const std::string& name, const std::string& value) {
  return "\"" + name + "\":\"" + value + "\"";
}

}  // namespace

AccountFixture::AccountFixture() {
  origins.add("http://127.0.0.1:8080");
  serve({routes.table(), csrf_routes.table(), api_key_routes.table(), probes()}, door);
}

void AccountFixture::serve(const std::vector<std::vector<http::Route>>& tables,
                           http::Authenticator& at) {
  std::vector<http::Route> all;
  for (const auto& table : tables) all.insert(all.end(), table.begin(), table.end());
  router_ = std::make_unique<http::Router>(std::move(all), at);
}

http::Request AccountFixture::request(Method method, const std::string& path, Headers headers,
                                      const std::string& body) {
  http::Request made;
  made.method = method;
  made.target = made.path = path;
  made.headers = std::move(headers);
  made.headers.emplace_back("host", "127.0.0.1:8080");
  made.headers.emplace_back("user-agent", "Tester/1.0");
  if (!body.empty()) made.headers.emplace_back("content-type", "application/json");
  made.body = body;
  made.request_id = "request-of-test";
  made.client_address = "192.0.2.7";
  made.deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  return made;
}

Task<http::Response> AccountFixture::begin(http::Request request) {
  http::Problem refusal;
  const http::Route* route = router_->find(request, refusal);
  if (route == nullptr) co_return http::render(refusal);
  try {
    http::Response response = co_await router_->serve(*route, std::move(request));
    co_return response;
  } catch (const http::BadRequest& bad) {
    co_return http::render(bad.problem);
  }
}

http::Response AccountFixture::call(Method method, const std::string& path, Headers headers,
                                    const std::string& body) {
  return run_task(io, begin(request(method, path, std::move(headers), body)));
}

http::Response AccountFixture::asked(Method method, const std::string& path,
                                     const std::string& token, const std::string& body) {
  const std::size_t mark = std::min(path.find('?'), path.size());
  http::Request wanted = request(method, path.substr(0, mark), bearer(token), body);
  if (mark < path.size()) wanted.query = http::parse_query(path.substr(mark + 1)).value();
  return run_task(io, begin(std::move(wanted)));
}

http::Response AccountFixture::post(const std::string& path, const std::string& body,
                                    Headers headers) {
  return call(Method::Post, path, std::move(headers), body);
}

http::Response AccountFixture::get(const std::string& path, Headers headers) {
  return call(Method::Get, path, std::move(headers));
}

bool AccountFixture::somebody_waits_for_a_lock(const std::string& part) const {
  // On a connection of its own: inside a transaction the list would stand still.
  postgres::SyncConnection watcher(database.superuser_conninfo());
  const postgres::Statement waits{"test.waits",
                                  "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = "
                                  "current_database() AND wait_event_type = 'Lock' AND "
                                  "strpos(query, $1) > 0) AS waits"};
  const postgres::Parameters values = postgres::parameters(part);
  return eventually([&] { return watcher.run(waits, values)[0].get<bool>("waits"); });
}

http::Response AccountFixture::register_person(const std::string& email,
                                               const std::string& password) {
  return post("/api/v1/auth/register", "{" + quoted("email", email) + "," +
                                           quoted("name", "Ada ‹Lovelace›") + "," +
                                           quoted("password", password) + "}");
}

http::Response AccountFixture::sign_in(const std::string& path, const std::string& email,
                                       const std::string& password) {
  return post(path, "{" + quoted("email", email) + "," + quoted("password", password) + "}");
}

std::string AccountFixture::token_of_new(const std::string& email) {
  register_person(email);
  return token_of(email);
}

std::string AccountFixture::token_of(const std::string& email) {
  return text(sign_in("/api/v1/auth/token", email), "/access_token");
}

AccountFixture::Headers AccountFixture::bearer(const std::string& token) {
  return {{"authorization", "Bearer " + token}};
}

AccountFixture::Headers AccountFixture::cookie(const std::string& token) {
  return {{"cookie", "theme=dark; __Host-evently_session=" + token}};
}

AccountFixture::Headers AccountFixture::page(const std::string& token) {
  const auto claims = tokens.verify(token, clock.now());
  Headers headers = cookie(token);
  headers.emplace_back("sec-fetch-site", "same-origin");
  if (claims) {
    headers.emplace_back("x-csrf-token", csrf.issue(browser::binding_of_session(claims->jti)));
  }
  return headers;
}

boost::json::value AccountFixture::json(const http::Response& response) {
  return boost::json::parse(response.content());
}

std::string AccountFixture::text(const http::Response& response, const std::string& pointer) {
  boost::system::error_code absent;
  const boost::json::value document = json(response);
  const boost::json::value* found = document.find_pointer(pointer, absent);
  if (found == nullptr) return "";
  return found->is_string() ? std::string(found->get_string()) : boost::json::serialize(*found);
}

std::string AccountFixture::header(const http::Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

std::string AccountFixture::without_error_id(const http::Response& response) {
  boost::json::value document = json(response);
  document.as_object()["errorId"] = "";
  return boost::json::serialize(document);
}

}  // namespace evently::testing
