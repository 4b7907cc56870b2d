#include "api_keys/key_book.hpp"

#include "platform/crypto/hmac.hpp"

namespace evently::api_keys {
namespace {

/// About 1 MB a worker; then it begins anew.
constexpr std::size_t kMaxKnown = 4096;

}  // namespace

Task<std::optional<KeyBook::Holder>> KeyBook::identify(
    std::string text, std::chrono::steady_clock::time_point deadline) {
  const auto key = read_key(text);
  if (!key) co_return std::nullopt;
  const std::string shown = crypto::to_hex(hash_secret(key->secret));
  const auto found = known_.find(key->id);
  std::optional<KnownKey> known;
  if (found != known_.end()) known = found->second;
  const bool is_new = !known;
  if (is_new) {
    postgres::TransactionOptions options{"", true, deadline};
    known = co_await keys_.find(std::move(options), key->id);
  }
  if (!known || !crypto::equal_in_constant_time(known->secret_hash, shown)) co_return std::nullopt;
  if (is_new) {
    if (known_.size() == kMaxKnown) known_.clear();
    known_.insert_or_assign(key->id, *known);
  }
  co_return Holder{key->id, known->user_id};
}

}  // namespace evently::api_keys
