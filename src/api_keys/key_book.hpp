#pragma once

#include <chrono>
#include <map>
#include <string_view>

#include "api_keys/api_key_repository.hpp"
#include "api_keys/key_text.hpp"

namespace evently::api_keys {

/// Who shows which key. Remembers what it looked up: id, owner and hash never change, and whether a
/// key still counts is asked of the database by every statement, as for a session. One to a worker.
class KeyBook {
 public:
  struct Holder {
    Uuid key_id;
    Uuid user_id;
  };

  explicit KeyBook(ApiKeyRepository& keys) : keys_(keys) {}

  /// nullopt for every text that is no key of ours.
  Task<std::optional<Holder>> identify(std::string text,
                                       std::chrono::steady_clock::time_point deadline);

 private:
  ApiKeyRepository& keys_;
  std::map<Uuid, KnownKey> known_;
};

}  // namespace evently::api_keys
