#pragma once

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
  Door(postgres::Pool& auth, const crypto::TokenKeys& tokens, const postgres::ContextSigner& signer,
       const Clock& clock)
      : auth_(auth), tokens_(tokens), signer_(signer), clock_(clock) {}

  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access access) override;

 private:
  postgres::Pool& auth_;
  const crypto::TokenKeys& tokens_;
  const postgres::ContextSigner& signer_;
  const Clock& clock_;
};

}  // namespace evently::accounts
