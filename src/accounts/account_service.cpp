#include "accounts/account_service.hpp"

#include <exception>

#include "platform/crypto/hmac.hpp"

namespace evently::accounts {

std::string email_lookup(const std::string& lookup_key, const std::string& canonical_email) {
  return crypto::hmac_sha256(lookup_key, "email|v1|" + canonical_email);
}

/// One piece of work for a hashing thread. Shared with it: the thread may still be at it when the
/// request that waits is torn down.
struct AccountService::Hashing {
  std::string password;
  std::string known;  ///< PHC string to compare with; empty: make one
  std::string made;
  bool matches = false;
  std::exception_ptr fault;
};

/// False when the pool had no room or no time.
Task<bool> AccountService::hash_apart(std::shared_ptr<Hashing> hashing,
                                      std::chrono::steady_clock::time_point deadline) {
  const std::function<void()> work = [hashing, &hasher = parts_.hasher] {
    try {
      if (hashing->known.empty()) {
        hashing->made = hasher.hash(hashing->password);
      } else {
        hashing->matches = hasher.verify(hashing->known, hashing->password);
      }
    } catch (const std::exception&) {
      hashing->fault = std::current_exception();  // thrown again where the request waits
    }
  };
  const bool done = co_await parts_.hash_pool.run(work, deadline);
  if (done && hashing->fault) std::rethrow_exception(hashing->fault);
  co_return done;
}

postgres::TransactionOptions AccountService::anonymous(const Origin& origin) const {
  const std::string context =
      parts_.signer.sign({{}, {}, origin.request_id, origin.client_address});
  return {context, false, origin.deadline};
}

Task<Result<Account, AccountRefusal>> AccountService::sign_up(Origin origin, std::string email,
                                                              std::string name,
                                                              std::string password) {
  const auto hashing = std::make_shared<Hashing>();
  hashing->password = password;
  const bool hashed = co_await hash_apart(hashing, origin.deadline);
  if (!hashed) co_return AccountRefusal::TooBusy;

  Account account;
  account.id = make_uuid_v7();
  account.email = email;
  account.name = name;
  account.role = "user";
  const std::string lookup = email_lookup(parts_.lookup_key, canonical_email(email).value_or(""));
  const auto made =
      co_await repository_.insert_account(anonymous(origin), account, lookup, hashing->made);
  if (!made) co_return AccountRefusal::EmailTaken;
  account.created_at = *made;
  co_return account;
}

Task<Result<SignedIn, AccountRefusal>> AccountService::sign_in(Origin origin, std::string email,
                                                               std::string password) {
  const std::string lookup = email_lookup(parts_.lookup_key, canonical_email(email).value_or(""));
  const auto known = co_await repository_.find_credentials(anonymous(origin), lookup);

  // The hash is always computed: time must not tell which addresses exist.
  const auto hashing = std::make_shared<Hashing>();
  hashing->password = password;
  hashing->known = known ? known->password_hash : parts_.hasher.decoy();
  const bool verified = co_await hash_apart(hashing, origin.deadline);
  if (!verified) co_return AccountRefusal::TooBusy;
  if (!known || !hashing->matches || !known->account.is_active)
    co_return AccountRefusal::InvalidCredentials;

  co_await renew_when_weak(origin, *known, password);
  const Uuid session_id = make_uuid_v7();
  const auto session = co_await repository_.open_session(
      anonymous(origin), session_id, known->account.id, origin.client_address, origin.user_agent);
  const crypto::Claims claims{known->account.id, known->account.role, session.created_at,
                              session.expires_at, session_id};
  co_return SignedIn{known->account, parts_.tokens.issue(claims), session.created_at,
                     session.expires_at};
}

/// Parameters grew since the hash was made: now is the only time we hold the password.
Task<void> AccountService::renew_when_weak(Origin origin, Credentials known, std::string password) {
  if (!parts_.hasher.needs_rehash(known.password_hash)) co_return;
  const auto hashing = std::make_shared<Hashing>();
  hashing->password = password;
  const bool hashed = co_await hash_apart(hashing, origin.deadline);
  if (!hashed) co_return;  // no room now: the next sign-in will do
  co_await repository_.renew_hash(anonymous(origin), known.account.id, known.password_hash,
                                  hashing->made);
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
