#pragma once

#include <cstdint>
#include <string>

namespace evently::accounts {

/// What a request leaves to be done after its answer.
struct LateWish {
  enum class Kind : std::uint8_t {
    ResetCode,   ///< the owner forgot the password: mail a code for a new one
    SignInCode,  ///< the right password at a held account: mail a code to go with it
    Failure,     ///< somebody whom the account does not know failed to sign in
  };
  Kind kind;
  std::string lookup;  ///< blind index of the submitted address, known or not
  std::string request_id;
  std::string client_address;
};

/// Carries such wishes out later: what depends on whether an account exists, or on whether its
/// password was right, takes nobody's time who waits for an answer. Thread-safe.
class LateWork {
 public:
  virtual ~LateWork() = default;
  /// Costs the same for every wish, whether there is room for it or not.
  virtual void post(LateWish wish) = 0;
};

}  // namespace evently::accounts
