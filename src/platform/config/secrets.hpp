#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "platform/crypto/key_ring.hpp"

namespace evently::config {

/// The program's keys and the database roles' passwords: `<data-dir>/secrets/`, folder 0700, files
/// 0600, made at the first run, never with a default value and never from the environment.
class Secrets {
 public:
  /// Loads all, making those that never were. Throws StartRefused naming every file that is short,
  /// unreadable, readable by others, or gone although it was made before.
  static Secrets load_or_make(const std::filesystem::path& data_dir);

  /// Whether there are any, or were once.
  static bool exist(const std::filesystem::path& data_dir);

  /// "jwt.key", "context.key", "cursor.key", "lookup.key", "password.pepper",
  /// "totp.key", "csrf.key".
  const crypto::KeyRing& ring(const std::string& name) const;
  /// The 32 bytes that are current now.
  const std::string& key(const std::string& name) const;
  /// Password of a database role.
  const std::string& password(const std::string& role) const;
  const std::filesystem::path& folder() const { return folder_; }

 private:
  std::filesystem::path folder_;
  std::map<std::string, crypto::KeyRing> keys_;
  std::map<std::string, std::string> passwords_;
};

}  // namespace evently::config
