#include "credentials/reset_codes.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "platform/crypto/hmac.hpp"
#include "platform/postgres/parameters.hpp"

namespace evently::credentials {

std::string make_reset_code() {
  constexpr std::size_t kBytes = 32;
  std::string bytes(kBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), kBytes) != 1) {
    throw std::runtime_error("no random bytes");
  }
  return crypto::to_hex(bytes);
}

std::string stored_reset_code(const std::string& code) {
  return postgres::encode_bytes(crypto::sha256(code));
}

}  // namespace evently::credentials
