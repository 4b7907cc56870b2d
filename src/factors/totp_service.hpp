#pragma once

#include <string>
#include <vector>

#include "accounts/second_factor.hpp"
#include "base/clock.hpp"
#include "base/result.hpp"
#include "factors/totp_refusal.hpp"
#include "factors/totp_repository.hpp"
#include "platform/crypto/key_ring.hpp"

namespace evently::factors {

struct Enrolment {
  std::string secret;  ///< base32, to type in
  std::string uri;     ///< otpauth://, to show as a QR code
};

/// The second factor: enrolling, checking, giving up. Secrets rest sealed under `keys` (a file of
/// the secrets folder), recovery codes as SHA-256 of 80 random bits.
class TotpService final : public accounts::SecondFactor {
 public:
  TotpService(TotpRepository& repository, const crypto::KeyRing& keys, const Clock& clock)
      : repository_(repository), keys_(keys), clock_(clock) {}

  Task<bool> passes(postgres::TransactionOptions anonymous, Uuid user_id, bool password_is_right,
                    std::string code) override;

  /// A fresh secret; counts once confirm() has seen a code of it.
  Task<Result<Enrolment, TotpRefusal>> start(postgres::TransactionOptions mine, Uuid user_id,
                                             std::string account_name);
  /// The recovery codes: shown this once.
  Task<Result<std::vector<std::string>, TotpRefusal>> confirm(postgres::TransactionOptions mine,
                                                              Uuid user_id, std::string code);
  /// False when there was none.
  Task<bool> remove(postgres::TransactionOptions mine);
  /// Is there a second factor, confirmed or begun?
  Task<bool> exists(postgres::TransactionOptions mine, Uuid user_id);
  Task<bool> has_confirmed(postgres::TransactionOptions options, std::string context);

 private:
  Task<bool> is_used_up(postgres::TransactionOptions options, Uuid user_id, StoredTotp stored,
                        std::string code);
  std::string open(const StoredTotp& stored, const Uuid& user_id) const;

  TotpRepository& repository_;
  const crypto::KeyRing& keys_;
  const Clock& clock_;
};

}  // namespace evently::factors
