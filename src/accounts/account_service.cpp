#include "accounts/account_service.hpp"

#include "platform/crypto/hmac.hpp"

namespace evently::accounts {

std::string email_lookup(const std::string& lookup_key, const std::string& canonical_email) {
  return crypto::hmac_sha256(lookup_key, "email|v1|" + canonical_email);
}

std::string AccountService::lookup_of(const std::string& email) const {
  return email_lookup(parts_.lookup_key, canonical_email(email).value_or(""));
}

observability::SecurityEvent sign_in_event(const std::string& lookup_key, const std::string& lookup,
                                           const std::string& password, bool succeeded) {
  constexpr std::size_t kDigestBytes = 8;  // enough to tell passwords apart, too few to store one
  using observability::SecurityEventType;
  observability::SecurityEvent event;
  event.type = succeeded ? SecurityEventType::SignInSucceeded : SecurityEventType::SignInFailed;
  event.account = crypto::to_hex(lookup);
  const std::string digest = crypto::hmac_sha256(lookup_key, "tried-secret|v1|" + password);
  event.secret = crypto::to_hex(digest.substr(0, kDigestBytes));
  return event;
}

postgres::TransactionOptions AccountService::anonymous(const Origin& origin) const {
  const std::string context =
      parts_.signer.sign({{}, {}, origin.request_id, origin.client_address});
  return {context, false, origin.deadline};
}

void AccountService::observe_sign_in(const Origin& origin, const std::optional<Credentials>& known,
                                     const std::string& lookup, const std::string& password,
                                     bool succeeded) {
  if (parts_.security == nullptr) return;
  auto event = sign_in_event(parts_.lookup_key, lookup, password, succeeded);
  event.client_address = origin.client_address;
  event.request_id = origin.request_id;
  if (known) event.user_id = known->account.id;
  parts_.security->observe(std::move(event));
}

Task<Result<Account, AccountRefusal>> AccountService::sign_up(Origin origin, std::string email,
                                                              std::string name,
                                                              std::string password) {
  const auto hash = co_await bench_.hash(password, origin.deadline);
  if (!hash) co_return AccountRefusal::TooBusy;

  Account account;
  account.id = make_uuid_v7();
  account.email = email;
  account.name = name;
  account.role = "user";
  const std::string lookup = lookup_of(email);
  const auto made = co_await repository_.insert_account(anonymous(origin), account, lookup, *hash);
  if (!made) co_return AccountRefusal::EmailTaken;
  account.created_at = *made;
  co_return account;
}

void AccountService::leave(LateWish::Kind kind, const Origin& origin, const std::string& lookup) {
  if (parts_.late == nullptr) return;
  parts_.late->post({kind, lookup, origin.request_id, origin.client_address});
}

Task<Result<SignedIn, AccountRefusal>> AccountService::sign_in(Origin origin, SignInWish wish,
                                                               bool from_known_device) {
  const std::string lookup = lookup_of(wish.email);
  const auto known =
      co_await repository_.find_credentials(anonymous(origin), lookup, wish.mail_code, parts_.hold);

  // The hash is always computed: time must not tell which addresses exist.
  const std::string known_hash = known ? known->password_hash : parts_.hasher.decoy();
  const auto matches = co_await bench_.verify(known_hash, wish.password, origin.deadline);
  if (!matches) co_return AccountRefusal::TooBusy;
  const bool right = known && *matches && known->account.is_active;
  const bool lacks_code = right && known->held && !from_known_device && !known->code_holds;
  const Uuid who = known ? known->account.id : Uuid();
  bool succeeded = right && !lacks_code;
  if (parts_.second_factor != nullptr) {
    succeeded =
        co_await parts_.second_factor->passes(anonymous(origin), who, succeeded, wish.totp_code);
  }
  std::optional<SignedIn> opened;
  if (succeeded) opened = co_await open_session(origin, *known, wish, from_known_device);
  observe_sign_in(origin, known, lookup, wish.password, opened.has_value());
  if (opened) co_return std::move(*opened);
  if (!from_known_device) {
    leave(lacks_code ? LateWish::Kind::SignInCode : LateWish::Kind::Failure, origin, lookup);
  }
  co_return AccountRefusal::InvalidCredentials;
}

/// nullopt when what was proved changed meanwhile.
Task<std::optional<SignedIn>> AccountService::open_session(Origin origin, Credentials known,
                                                           SignInWish wish,
                                                           bool from_known_device) {
  co_await renew_when_weak(origin, known, wish.password);
  const Uuid session_id = make_uuid_v7();
  SignInProof proof{known.version, {}, from_known_device};
  if (known.held && !from_known_device) proof.code = wish.mail_code;
  const auto session =
      co_await repository_.open_session(anonymous(origin), session_id, known.account.id,
                                        origin.client_address, origin.user_agent, proof);
  if (!session) co_return std::nullopt;
  const crypto::Claims claims{known.account.id, known.account.role, session->created_at,
                              session->expires_at, session_id};
  co_return SignedIn{known.account, session_id, parts_.tokens.issue(claims), session->created_at,
                     session->expires_at};
}

/// Parameters grew since the hash was made: now is the only time we hold the password.
Task<void> AccountService::renew_when_weak(Origin origin, Credentials known, std::string password) {
  if (!parts_.hasher.needs_rehash(known.password_hash)) co_return;
  const auto hash = co_await bench_.hash(password, origin.deadline);
  if (!hash) co_return;  // no room now: the next sign-in will do
  co_await repository_.renew_hash(anonymous(origin), known.account.id, known.password_hash, *hash);
}

Task<void> AccountService::sign_out(std::string context, Origin origin, bool everywhere) {
  postgres::TransactionOptions options{context, false, origin.deadline};
  co_await repository_.close_session(std::move(options), everywhere);
}

Task<std::optional<Account>> AccountService::find_self(std::string context, Origin origin) {
  postgres::TransactionOptions options{context, true, origin.deadline};
  auto account = co_await repository_.find_self(std::move(options));
  co_return account;
}

}  // namespace evently::accounts
