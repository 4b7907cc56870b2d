#include "accounts/door.hpp"

#include "accounts/credential.hpp"
#include "browser/cookies.hpp"

namespace evently::accounts {
namespace {

using http::Access;
using http::Problem;
using http::Request;
using observability::SecurityEventType;

constexpr postgres::Statement kAdmit{
    "accounts.admit", "SELECT role, allowed, recent, owner_role FROM sec.admit($1, $2)"};

/// What a key lacks on routes that are for its owner.
constexpr char kSignIn[] = "sign_in";

/// One answer for every token that does not count, whatever is wrong with it. A cookie that does
/// not is taken back: it would keep its browser out of the pages that need none.
Problem not_signed_in(const Credential& credential) {
  Problem problem = http::authentication_required();
  if (credential.by_cookie)
    problem.headers.emplace_back(
        "Set-Cookie", browser::set_cookie(browser::kSessionCookie, "", std::chrono::seconds(0)));
  return problem;
}

}  // namespace

void Door::observe(const Request& request, SecurityEventType type, std::string detail,
                   std::optional<Uuid> user_id) {
  observability::SecurityEvent event;
  event.type = type;
  event.client_address = request.client_address;
  event.request_id = request.request_id;
  event.user_id = user_id;
  event.detail = std::move(detail);
  security_.observe(std::move(event));
}

std::optional<Problem> Door::screen(const Request& request, const Access& access) {
  auto refusal = guard_.check(request, access);
  if (!refusal) return {};
  observe(request, refusal->event, std::move(refusal->detail));
  return std::move(refusal->problem);
}

Task<std::optional<Door::Bearer>> Door::identify(const Request& request, Credential credential) {
  if (credential.by_key) {
    const auto holder =
        co_await keys_.book.identify(std::string(credential.api_key), request.deadline);
    if (!holder) co_return std::nullopt;
    co_return Bearer{holder->user_id, holder->key_id, "user"};
  }
  const auto claims = tokens_.verify(credential.token, clock_.now());
  if (!claims) co_return std::nullopt;
  co_return Bearer{claims->user_id, claims->jti, claims->role};
}

Task<Result<http::Principal, Problem>> Door::admit(const Request& request, Access access) {
  const Credential credential = read_credential(request);
  if (credential.ambiguous) {
    observe(request, SecurityEventType::SuspiciousRequest, "two_credentials");
    co_return browser::ambiguous_credentials();
  }
  const auto bearer = co_await identify(request, credential);
  if (!bearer) {
    if (credential.any) observe(request, SecurityEventType::TokenMisuse, "not_valid");
    co_return not_signed_in(credential);
  }

  http::Principal principal{bearer->user_id, bearer->session_id, bearer->role, ""};
  principal.by_key = credential.by_key;
  principal.context = signer_.sign(
      {bearer->user_id, bearer->session_id, request.request_id, request.client_address});
  if (sightings_ != nullptr && !credential.by_key) sightings_->note(bearer->session_id);
  if (access.kind == Access::Kind::ProvedInStatement) {
    if (credential.by_key) keys_.usage.note(bearer->session_id, clock_.now());
    co_return principal;
  }

  std::optional<std::string> wanted;
  if (!access.permission.empty()) wanted = std::string(access.permission);
  // A key acts by its scopes, and on no account: that is for people.
  if (access.kind == Access::Kind::SignedIn && credential.by_key) wanted = kSignIn;
  postgres::TransactionOptions options{"", true, request.deadline};
  auto values = postgres::parameters(principal.context, wanted);
  const auto rows = co_await auth_.run(std::move(options), kAdmit, std::move(values));
  if (rows.empty()) {
    observe(request, SecurityEventType::TokenMisuse, "session_over", bearer->user_id);
    co_return not_signed_in(credential);
  }
  principal.role = rows[0].get<std::string>("role");
  principal.owner_role = rows[0].get<std::string>("owner_role");
  if (!rows[0].get<bool>("allowed")) {
    observe(request, SecurityEventType::PermissionDenied, *wanted, bearer->user_id);
    co_return http::insufficient_permissions(*wanted, principal.role);
  }
  if (credential.by_key) keys_.usage.note(bearer->session_id, clock_.now());
  if (access.recent && !rows[0].get<bool>("recent")) co_return http::step_up_required();
  co_return principal;
}

}  // namespace evently::accounts
