#pragma once

#include <filesystem>

namespace evently::config {

/// /var/lib/evently for root, $XDG_DATA_HOME/evently or ~/.local/share/evently otherwise.
std::filesystem::path default_data_dir();

/// Makes the folder when it is absent and marks it as Evently's; returns its canonical path. Safe
/// to repeat. Throws StartRefused when it cannot be written or holds somebody else's files.
std::filesystem::path claim_data_dir(const std::filesystem::path& data_dir);

/// One program at a time in a data directory. Released with the object, and by the kernel when the
/// program dies in any way.
class DataDirLock {
 public:
  /// Throws StartRefused naming the pid that holds it.
  explicit DataDirLock(const std::filesystem::path& data_dir);
  ~DataDirLock();
  DataDirLock(const DataDirLock&) = delete;
  DataDirLock& operator=(const DataDirLock&) = delete;

 private:
  int file_ = -1;
};

}  // namespace evently::config
