#include "platform/postgres/signed_context.hpp"

#include <stdexcept>

#include "platform/crypto/hmac.hpp"

namespace evently::postgres {

ContextSigner::ContextSigner(crypto::KeyRing ring, const Clock& clock)
    : ring_(checked(std::move(ring))), clock_(clock) {}

ContextSigner::ContextSigner(int key_id, std::string key_32_bytes, const Clock& clock)
    : ContextSigner({crypto::RingKey{key_id, std::move(key_32_bytes), {}, {}}}, clock) {}

crypto::KeyRing ContextSigner::checked(crypto::KeyRing ring) {
  if (ring.empty()) throw std::invalid_argument("no context key");
  for (const crypto::RingKey& key : ring) {
    if (key.secret.size() != 32) {
      throw std::invalid_argument("the context key must have 32 bytes");
    }
  }
  return ring;
}

std::string ContextSigner::sign(const Actor& actor, std::chrono::seconds valid_for) const {
  const TimePoint now = clock_.now();
  const crypto::RingKey& key = crypto::current_key(ring_.get(), now);
  const auto expires =
      std::chrono::floor<std::chrono::seconds>(now + valid_for).time_since_epoch().count();
  std::string context = "1|" + std::to_string(key.kid) + "|";
  if (!actor.user_id.is_nil()) context += to_string(actor.user_id);
  context += '|';
  if (!actor.session_id.is_nil()) context += to_string(actor.session_id);
  context += '|' + actor.request_id + '|' + std::to_string(expires) + '|' + actor.client_address;
  const std::string mac = crypto::to_hex(crypto::hmac_sha256(key.secret, context));
  return context + '|' + mac;
}

}  // namespace evently::postgres
