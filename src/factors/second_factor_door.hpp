#pragma once

#include "factors/totp_service.hpp"
#include "platform/http/authenticator.hpp"

namespace evently::factors {

/// The door behind the door, for `--require-admin-mfa`: an administrator without a confirmed second
/// factor gets as far as enrolling one (or leaving), and 403 second_factor_required elsewhere.
class SecondFactorDoor final : public http::Authenticator {
 public:
  SecondFactorDoor(http::Authenticator& door, TotpService& factors, bool required)
      : door_(door), factors_(factors), required_(required) {}

  std::optional<http::Problem> screen(const http::Request& request,
                                      const http::Access& access) override {
    return door_.screen(request, access);
  }
  Task<Result<http::Principal, http::Problem>> admit(const http::Request& request,
                                                     http::Access access) override;

 private:
  http::Authenticator& door_;
  TotpService& factors_;
  bool required_;
};

}  // namespace evently::factors
