#include "credentials/own_proof.hpp"

namespace evently::credentials {
namespace {

using http::Request;
using Kind = CredentialRefusal::Kind;

postgres::TransactionOptions own(const Request& request, bool read_only) {
  return {request.principal->context, read_only, request.deadline};
}

}  // namespace

Proof read_proof(json::ObjectReader& reader, std::string_view password_name) {
  Proof proof;
  proof.password = reader.required_text(password_name, json::TextRule{1, 1024, true});
  proof.totp_code = reader.optional_text("totp_code", json::TextRule{1, 40, false}).value_or("");
  return proof;
}

Task<Result<OwnCredentials, http::Problem>> OwnProof::accept(const Request& request, Proof proof) {
  const auto credentials = co_await repository_.find_own(own(request, true));
  if (!credentials) co_return http::authentication_required();
  const std::string lookup = accounts::email_lookup(
      parts_.lookup_key, accounts::canonical_email(credentials->email).value_or(""));
  auto admitted = co_await guard_.admit(request, lookup);
  if (!admitted) co_return admitted.error();
  const std::unique_ptr<accounts::SignInTry> attempt = std::move(*admitted);
  const auto refusal = co_await judge(request, *credentials, proof);
  const bool wrong = refusal && refusal->kind == Kind::WrongPassword;
  if (wrong) attempt->failed();
  if (wrong || !refusal) observe(request, lookup, proof.password, !wrong);
  if (refusal) co_return to_problem(*refusal);
  co_return *credentials;
}

/// The code comes last: it is used up by being right, and nothing but the database may fail then.
Task<std::optional<CredentialRefusal>> OwnProof::judge(const Request& request, OwnCredentials known,
                                                       Proof proof) {
  if (proof.new_password) {
    const auto fault =
        passwords::password_fault(parts_.policy, *proof.new_password, {known.email, known.name});
    if (fault) co_return CredentialRefusal{Kind::WeakPassword, *fault};
  }
  const auto matches =
      co_await bench_.verify(known.password_hash, proof.password, request.deadline);
  if (!matches) co_return CredentialRefusal{Kind::TooBusy};
  if (!*matches) co_return CredentialRefusal{Kind::WrongPassword};
  std::optional<std::string> new_hash;
  if (proof.new_password) {
    new_hash = co_await bench_.hash(*proof.new_password, request.deadline);
    if (!new_hash) co_return CredentialRefusal{Kind::TooBusy};
  }
  if (parts_.second_factor != nullptr) {
    const Uuid me = request.principal->user_id;
    const bool passed =
        co_await parts_.second_factor->passes(own(request, false), me, true, proof.totp_code);
    if (!passed) co_return CredentialRefusal{Kind::WrongPassword};
  }
  const bool proved =
      co_await repository_.prove_password(own(request, false), known.password_hash, new_hash);
  // The session ended, or another request changed the password, while we hashed.
  if (!proved) co_return CredentialRefusal{Kind::SignedOut};
  co_return std::nullopt;
}

void OwnProof::observe(const Request& request, const std::string& lookup,
                       const std::string& password, bool succeeded) {
  if (parts_.security == nullptr) return;
  auto event = accounts::sign_in_event(parts_.lookup_key, lookup, password, succeeded);
  event.client_address = request.client_address;
  event.request_id = request.request_id;
  event.user_id = request.principal->user_id;
  event.detail = "own_password";
  parts_.security->observe(std::move(event));
}

}  // namespace evently::credentials
