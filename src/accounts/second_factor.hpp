#pragma once

#include <string>

#include "base/task.hpp"
#include "base/uuid.hpp"
#include "platform/postgres/pool.hpp"

namespace evently::accounts {

/// What sign-in asks beside the password. The app plugs it in.
class SecondFactor {
 public:
  virtual ~SecondFactor() = default;

  /// May somebody with this verdict on their password come in? Asked at every sign-in, also when
  /// the password was wrong or the account (nil) is unknown: it takes the same time then, and
  /// nobody learns from a missing code that a password is right. A code that passes is used up.
  virtual Task<bool> passes(postgres::TransactionOptions anonymous, Uuid user_id,
                            bool password_is_right, std::string code) = 0;
};

/// The password is enough: for tests of other things.
class NoSecondFactor final : public SecondFactor {
 public:
  Task<bool> passes(postgres::TransactionOptions, Uuid, bool password_is_right,
                    std::string) override {
    co_return password_is_right;
  }
};

}  // namespace evently::accounts
