#include "platform/config/data_dir.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>

#include "platform/config/refusal.hpp"

namespace evently::config {
namespace {

namespace fs = std::filesystem;

constexpr int kUnavailable = 69;  // EX_UNAVAILABLE, sysexits.h
constexpr char kMarker[] = "evently-data-dir";

[[noreturn]] void refuse(const fs::path& path, const std::string& why, int code = 78) {
  throw StartRefused(path.string() + ": " + why, code);
}

[[noreturn]] void refuse_unwritable(const fs::path& path, int error) {
  const char* todo = error == ENOSPC || error == EDQUOT
                         ? "; make room or choose another --data-dir"
                         : "; make it writable or choose another --data-dir";
  refuse(path, std::string("cannot be written: ") + std::strerror(error) + todo, kUnavailable);
}

/// What may be in a folder before the first start: secrets an operator brings, a file system's own.
bool is_expected(const fs::path& name) { return name == "secrets" || name == "lost+found"; }

void mark(const fs::path& data_dir) {
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(data_dir, failed)) {
    if (is_expected(entry.path().filename())) continue;
    if (fs::exists(data_dir / kMarker)) return;  // another start was quicker
    refuse(data_dir, "not empty and not made by Evently; choose an empty or new --data-dir");
  }
  if (failed) refuse(data_dir, "cannot be read: " + failed.message());
  const fs::path marker = data_dir / kMarker;
  const int file = ::open(marker.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
  constexpr std::string_view kText = "This folder belongs to Evently: secrets, PostgreSQL, logs.\n";
  const bool written = file >= 0 && ::write(file, kText.data(), kText.size()) > 0;
  const int error = errno;
  const bool kept = written && ::fsync(file) == 0;
  if (file >= 0) ::close(file);
  if (kept) return;
  ::unlink(marker.c_str());
  refuse_unwritable(data_dir, error);
}

}  // namespace

fs::path default_data_dir() {
  if (::geteuid() == 0) return "/var/lib/evently";
  const char* data_home = std::getenv("XDG_DATA_HOME");
  if (data_home != nullptr && *data_home == '/') return fs::path(data_home) / "evently";
  const char* home = std::getenv("HOME");
  const passwd* user = home == nullptr ? ::getpwuid(::geteuid()) : nullptr;
  if (user != nullptr) home = user->pw_dir;
  if (home == nullptr) throw StartRefused("no home folder; pass --data-dir");
  return fs::path(home) / ".local/share/evently";
}

fs::path claim_data_dir(const fs::path& data_dir) {
  std::error_code failed;
  fs::create_directories(data_dir, failed);
  if (failed)
    refuse(data_dir, "cannot be made: " + failed.message() + "; choose another --data-dir");
  const fs::path claimed = fs::canonical(data_dir, failed);
  if (failed) refuse(data_dir, "cannot be read: " + failed.message());
  const bool is_marked = fs::exists(claimed / kMarker, failed);
  if (failed) refuse(claimed, "cannot be read: " + failed.message());
  if (!is_marked) mark(claimed);
  // Root's PostgreSQL runs as `postgres`, who must be able to pass; what is inside protects itself.
  ::chmod(claimed.c_str(), ::geteuid() == 0 ? 0711 : 0700);
  return claimed;
}

DataDirLock::DataDirLock(const fs::path& data_dir) {
  const fs::path path = data_dir / "lock";
  file_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (file_ < 0) refuse_unwritable(path, errno);
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    ::close(file_);
    std::string pid = "unknown";
    std::ifstream(path) >> pid;
    refuse(data_dir, "in use by evently, pid " + pid + "; stop it or choose another --data-dir",
           kUnavailable);
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file_, 0) == 0 && ::write(file_, pid.data(), pid.size()) > 0) return;
  const int error = errno;
  ::close(file_);
  refuse_unwritable(path, error);
}

DataDirLock::~DataDirLock() { ::close(file_); }

}  // namespace evently::config
