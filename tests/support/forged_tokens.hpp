#pragma once

#include <string>
#include <vector>

#include "platform/crypto/jwt.hpp"

namespace evently::testing {

/// With the first `from` as `to`; throws when there is none.
std::string replaced(std::string text, const std::string& from, const std::string& to);

/// JSON of headers that no token of ours has, with `kid` where it is a right one: parameters an
/// attacker chooses (RFC 8725 §3.1, §3.5: alg, kid, jku, x5u, jwk, crit), and other spellings.
std::vector<std::string> forged_headers(const std::string& kid);

/// Tokens that look like `good` and do not count, most of them signed with its own key (kid 1):
/// the attacks of RFC 8725 §2 and §3, and spellings that only a careless parser takes.
std::vector<std::string> forged_tokens(const std::string& good, const crypto::Claims& claims,
                                       const std::string& key, TimePoint now);

}  // namespace evently::testing
