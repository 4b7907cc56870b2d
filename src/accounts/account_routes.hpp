#pragma once

#include <vector>

#include "accounts/account_service.hpp"
#include "platform/http/route.hpp"

namespace evently::accounts {

class AccountRoutes {
 public:
  explicit AccountRoutes(AccountService& accounts) : accounts_(accounts) {}
  std::vector<http::Route> table();

 private:
  Task<http::Response> sign_up(http::Request request);
  Task<http::Response> log_in(http::Request request);
  Task<http::Response> issue_token(http::Request request);
  Task<http::Response> sign_out(http::Request request, bool everywhere);
  Task<http::Response> show_me(http::Request request);

  AccountService& accounts_;
};

}  // namespace evently::accounts
