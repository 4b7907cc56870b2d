#include "app/shared_parts.hpp"

#include <algorithm>
#include <thread>

namespace evently::app {
namespace {

/// One hashing thread for two cores (style.md's machine): 40 ms a hash, so 32 waiting are ~1.3 s.
std::size_t hash_threads() { return std::max<std::size_t>(1, std::thread::hardware_concurrency() / 2); }
constexpr std::size_t kMaxHashesWaiting = 32;
constexpr char kFirstTokenKey[] = "1";

}  // namespace

SharedParts::SharedParts(const Store& store)
    : hasher(store.secrets().key("password.pepper")),
      hash_pool(hash_threads(), kMaxHashesWaiting),
      tokens({{kFirstTokenKey, store.secrets().key("jwt.key")}}, kFirstTokenKey),
      signer(1, store.secrets().key("context.key"), clock),
      lookup_key(store.secrets().key("lookup.key")),
      cursors(store.secrets().key("cursor.key")),
      desk(store.conninfo("application_user"), metrics) {}

}  // namespace evently::app
