#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace evently::config {

/// The program's keys and the database roles' passwords: `<data-dir>/secrets/`, folder 0700, files
/// 0600, made at the first run, never with a default value and never from the environment.
class Secrets {
 public:
  /// Loads all, making those that never were. Throws StartRefused naming every file that is short,
  /// unreadable, readable by others, or gone although it was made before.
  static Secrets load_or_make(const std::filesystem::path& data_dir);

  /// 32 raw bytes: "jwt.key", "context.key", "cursor.key", "lookup.key", "password.pepper".
  const std::string& key(const std::string& name) const;
  /// Password of a database role.
  const std::string& password(const std::string& role) const;

 private:
  std::map<std::string, std::string> keys_;
  std::map<std::string, std::string> passwords_;
};

}  // namespace evently::config
