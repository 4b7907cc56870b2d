#include "browser/csrf_tokens.hpp"

#include "platform/crypto/base64url.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::browser {
namespace {

constexpr std::size_t kNonceBytes = 16;
constexpr std::size_t kMacBytes = 16;  // 128 bits: nobody guesses one in a session's life
constexpr std::size_t kPreCookieBytes = 32;
constexpr std::size_t kTokenCharacters = 43;  // of 32 bytes

}  // namespace

std::string binding_of_session(const Uuid& session_id) { return to_string(session_id); }

std::string binding_of_pre_cookie(std::string_view value) {
  const auto bytes = crypto::base64url_decode(value);
  return bytes && bytes->size() == kPreCookieBytes ? std::string(value) : std::string();
}

std::string make_pre_cookie() { return crypto::random_token(kPreCookieBytes); }

std::string CsrfTokens::mac(std::string_view binding, std::string_view nonce) const {
  std::string message(binding);
  message += nonce;
  return crypto::hmac_sha256(key_, message).substr(0, kMacBytes);
}

std::string CsrfTokens::issue(std::string_view binding) const {
  const std::string nonce = crypto::random_bytes(kNonceBytes);
  return crypto::base64url_encode(nonce + mac(binding, nonce));
}

bool CsrfTokens::verify(std::string_view token, std::string_view binding) const {
  if (binding.empty() || token.size() != kTokenCharacters) return false;
  const auto bytes = crypto::base64url_decode(token);
  if (!bytes) return false;
  const std::string_view all = *bytes;
  return crypto::equal_in_constant_time(all.substr(kNonceBytes),
                                        mac(binding, all.substr(0, kNonceBytes)));
}

}  // namespace evently::browser
