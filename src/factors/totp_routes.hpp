#pragma once

#include <vector>

#include "accounts/account_service.hpp"
#include "credentials/own_proof.hpp"
#include "factors/totp_service.hpp"
#include "platform/http/route.hpp"
#include "platform/mail/mailer.hpp"

namespace evently::factors {

class TotpRoutes {
 public:
  TotpRoutes(TotpService& factors, accounts::AccountService& accounts, credentials::OwnProof& proof,
             mail::Mailer& mailer)
      : factors_(factors), accounts_(accounts), proof_(proof), mailer_(mailer) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> start(http::Request request);
  Task<http::Response> confirm(http::Request request);
  Task<http::Response> remove(http::Request request);

  TotpService& factors_;
  accounts::AccountService& accounts_;
  credentials::OwnProof& proof_;
  mail::Mailer& mailer_;
};

}  // namespace evently::factors
