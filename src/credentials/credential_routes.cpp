#include "credentials/credential_routes.hpp"

#include <boost/json/object.hpp>

#include "credentials/credential_mails.hpp"
#include "platform/json/json_body.hpp"
#include "platform/json/json_reader.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::credentials {
namespace {

using http::Method;
using http::Request;
using http::Response;

postgres::TransactionOptions own(const Request& request, bool read_only) {
  return {request.principal->context, read_only, request.deadline};
}

Proof parse_change(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  Proof proof = read_proof(reader, "current_password");
  proof.new_password = reader.required_text("new_password", {1, 1024, true});
  reader.finish();
  return proof;
}

Proof parse_step_up(const Request& request) {
  const json::Body body = json::parse_body(request);
  json::ObjectReader reader(body);
  Proof proof = read_proof(reader);
  reader.finish();
  return proof;
}

std::string sessions_json(const std::vector<OwnSession>& sessions) {
  json::JsonWriter out;
  out.begin_object().key("items").begin_array();
  for (const OwnSession& session : sessions) {
    out.begin_object()
        .member("id", session.id)
        .member("address", session.client_address)
        .member("user_agent", session.user_agent)
        .member("created_at", session.created_at)
        .member("last_seen_at", session.last_seen_at)
        .member("expires_at", session.expires_at)
        .member("is_current", session.is_current)
        .end_object();
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace

std::vector<http::Route> CredentialRoutes::table() {
  return {
      {Method::Get, "/api/v1/auth/sessions", http::signed_in(), "",
       [this](Request r) { return list_sessions(std::move(r)); }},
      {Method::Delete, "/api/v1/auth/sessions/{session_id}", http::signed_in(), "",
       [this](Request r) { return end_session(std::move(r)); }},
      {Method::Post, "/api/v1/auth/password", http::signed_in(), "auth",
       [this](Request r) { return change_password(std::move(r)); }},
      {Method::Post, "/api/v1/auth/step-up", http::signed_in(), "auth",
       [this](Request r) { return step_up(std::move(r)); }},
  };
}

/// The caller's live sessions, newest first: ten at most, so there are no pages.
Task<Response> CredentialRoutes::list_sessions(Request request) {
  const auto sessions = co_await repository_.list_sessions(own(request, true));
  Response response = http::json(200, sessions_json(sessions));
  response.compressible = false;  // addresses beside text the client chose
  co_return response;
}

/// 204 | 404 for what is not the caller's, or over already. Ending the current one signs out.
Task<Response> CredentialRoutes::end_session(Request request) {
  const auto id = parse_uuid(request.path_parameter("session_id"));
  if (!id) co_return http::render(http::not_found());
  const bool ended = co_await repository_.end_session(own(request, false), *id);
  if (!ended) co_return http::render(http::not_found());
  co_return http::no_content();
}

/// 204; every other session of the caller is over by then.
///   in    {current_password, new_password, [totp_code]}
///   out   204 | 400 | 401 invalid_credentials | 429 | 503
Task<Response> CredentialRoutes::change_password(Request request) {
  const Proof proof = parse_change(request);
  const auto accepted = co_await proof_.accept(request, proof);
  if (!accepted) co_return http::render(accepted.error());
  mailer_.post(password_changed_mail(accepted->email));
  co_return http::no_content();
}

/// Renews the session's auth_time: routes that ask for recent authentication open for five minutes.
///   in    {password, [totp_code]}
Task<Response> CredentialRoutes::step_up(Request request) {
  const Proof proof = parse_step_up(request);
  const auto accepted = co_await proof_.accept(request, proof);
  if (!accepted) co_return http::render(accepted.error());
  co_return http::no_content();
}

}  // namespace evently::credentials
