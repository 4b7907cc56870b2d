#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "platform/crypto/key_ring.hpp"

namespace evently::config {

/// A key file: 64 hexadecimal digits (one key, kid 1, made when the file was), or after the first
/// rotation a line a key, oldest first: `KID HEX CREATED RETIRE_AFTER`, times in RFC 3339, `-` for
/// none. nullopt for anything else.
std::optional<crypto::KeyRing> parse_key_ring(std::string_view text, TimePoint file_made_at);
std::string format_key_ring(const crypto::KeyRing& ring);

/// A key that can be rotated: its short name, its file, and how long what it signed may live.
struct RotatableKey {
  std::string_view name;
  std::string_view file;
  std::optional<std::chrono::seconds> overlap;  ///< nullopt: kept, however long it is needed
};
const std::vector<RotatableKey>& rotatable_keys();

/// Adds a key to the file. `publish` gets the new ring before the file has it and may throw, which
/// changes nothing. Two rotations at once take turns. `dispensable` keys, which nothing hangs on
/// any more, are left out. Throws StartRefused for a file that cannot be read or written.
crypto::KeyRing rotate_key_file(const std::filesystem::path& secrets_folder,
                                const RotatableKey& which, TimePoint now,
                                const std::vector<int>& dispensable,
                                const std::function<void(const crypto::KeyRing&)>& publish);

/// The key files of a running server: tells which were rotated. One thread's.
class KeyWatch {
 public:
  explicit KeyWatch(std::filesystem::path secrets_folder) : folder_(std::move(secrets_folder)) {}

  struct Change {
    std::string_view file;
    crypto::KeyRing ring;  ///< empty when there is a fault
    std::string fault;     ///< the file cannot be used as it is now; the keys in use stay
  };
  /// Since the last call; at the first one, all.
  std::vector<Change> changes();

 private:
  std::filesystem::path folder_;
  std::map<std::string_view, std::string> seen_;  ///< file -> inode and time of its last change
};

}  // namespace evently::config
