#pragma once

#include <vector>

#include "credentials/credential_repository.hpp"
#include "credentials/own_proof.hpp"
#include "platform/http/route.hpp"
#include "platform/mail/mailer.hpp"

namespace evently::credentials {

/// What the signed-in do about their own sessions and password.
class CredentialRoutes {
 public:
  CredentialRoutes(postgres::Pool& auth, OwnProof& proof, mail::Mailer& mailer)
      : repository_(auth), proof_(proof), mailer_(mailer) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> list_sessions(http::Request request);
  Task<http::Response> end_session(http::Request request);
  Task<http::Response> change_password(http::Request request);
  Task<http::Response> step_up(http::Request request);

  CredentialRepository repository_;
  OwnProof& proof_;
  mail::Mailer& mailer_;
};

}  // namespace evently::credentials
