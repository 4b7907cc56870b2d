#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/task.hpp"
#include "platform/http/problem.hpp"
#include "platform/http/request.hpp"

namespace evently::accounts {

/// Leave to try one password. Unless failed() is told, going away gives it back: neither a success
/// nor a fault of ours counts against anybody.
class SignInTry {
 public:
  virtual ~SignInTry() = default;
  /// The password was wrong, the account unknown or disabled: one failure more for all counts.
  virtual void failed() = 0;
  /// Signed in: a browser that the account knows begins anew, its failures are forgotten.
  virtual void succeeded() = 0;
  /// The browser has signed in to this account before.
  virtual bool is_known_device() const = 0;
};

/// Holds failed sign-ins to their limits. The app plugs it in.
class SignInGuard {
 public:
  virtual ~SignInGuard() = default;

  /// `account`: the submitted address's blind index, known or not. As many tries as failures are
  /// left may be open at once: further ones wait a little for those to end. The problem (429) when
  /// there have been too many failures.
  virtual Task<Result<std::unique_ptr<SignInTry>, http::Problem>> admit(
      const http::Request& request, std::string account) = 0;

  /// Set-Cookie value for a browser that has just signed in to `account`; empty when it needs none.
  virtual std::string device_cookie(const http::Request& request, const std::string& account) = 0;
};

/// Lets everybody try: for tests of other things.
class NoSignInGuard final : public SignInGuard {
 public:
  Task<Result<std::unique_ptr<SignInTry>, http::Problem>> admit(const http::Request&,
                                                                std::string) override {
    struct Any final : SignInTry {
      void failed() override {}
      void succeeded() override {}
      bool is_known_device() const override { return false; }
    };
    co_return std::make_unique<Any>();
  }
  std::string device_cookie(const http::Request&, const std::string&) override { return ""; }
};

}  // namespace evently::accounts
