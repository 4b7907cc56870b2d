#pragma once

#include "accounts/credential.hpp"
#include "api_keys/key_book.hpp"
#include "api_keys/key_usage.hpp"
#include "base/gathered_ids.hpp"
#include "browser/guard.hpp"
#include "platform/crypto/jwt.hpp"
#include "platform/http/authenticator.hpp"
#include "platform/postgres/pool.hpp"
#include "platform/postgres/signed_context.hpp"

namespace evently::accounts {

/// Tells the router who calls. The token's MAC is checked here; whether its session lives, and what
/// its owner may do today, is asked of the database (sec.admit), so a revoked session or a changed
/// role counts from the next request on, on every node, with no cache to clear.
class Door final : public http::Authenticator {
 public:
  struct Keys {
    api_keys::KeyBook& book;
    api_keys::KeyUsage& usage;
  };

  Door(postgres::Pool& auth, const crypto::TokenKeys& tokens, const postgres::ContextSigner& signer,
       const Clock& clock, const browser::Guard& guard, Keys keys,
       observability::SecuritySink& security, GatheredIds* sightings = nullptr)
      : auth_(auth),
        tokens_(tokens),
        signer_(signer),
        clock_(clock),
        guard_(guard),
        keys_(keys),
        security_(security),
        sightings_(sightings) {}

  std::optional<http::Problem> screen(const http::Request& request,
                                      const http::Access& access) override;

  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access access) override;

 private:
  struct Bearer {
    Uuid user_id;
    Uuid session_id;
    std::string role;  ///< a hint
  };

  /// Whose credential it is, whether or not it still counts.
  Task<std::optional<Bearer>> identify(const http::Request& request, Credential credential);
  void observe(const http::Request& request, observability::SecurityEventType type,
               std::string detail, std::optional<Uuid> user_id = {});

  postgres::Pool& auth_;
  const crypto::TokenKeys& tokens_;
  const postgres::ContextSigner& signer_;
  const Clock& clock_;
  const browser::Guard& guard_;
  Keys keys_;
  observability::SecuritySink& security_;
  GatheredIds* sightings_;  ///< sessions that made a request; the background job writes them
};

}  // namespace evently::accounts
