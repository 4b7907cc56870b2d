#include "platform/postgres/signed_context.hpp"

#include <stdexcept>

#include "platform/crypto/hmac.hpp"

namespace evently::postgres {

ContextSigner::ContextSigner(int key_id, std::string key_32_bytes, const Clock& clock)
    : key_id_(key_id), key_(std::move(key_32_bytes)), clock_(clock) {
  if (key_.size() != 32) throw std::invalid_argument("the context key must have 32 bytes");
}

std::string ContextSigner::sign(const Actor& actor, std::chrono::seconds valid_for) const {
  const auto expires =
      std::chrono::floor<std::chrono::seconds>(clock_.now() + valid_for).time_since_epoch().count();
  std::string context = "1|" + std::to_string(key_id_) + "|";
  if (!actor.user_id.is_nil()) context += to_string(actor.user_id);
  context += '|';
  if (!actor.session_id.is_nil()) context += to_string(actor.session_id);
  context += '|' + actor.request_id + '|' + std::to_string(expires) + '|' + actor.client_address;
  const std::string mac = crypto::to_hex(crypto::hmac_sha256(key_, context));
  return context + '|' + mac;
}

}  // namespace evently::postgres
