#include "platform/config/secret_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::config {
namespace {

constexpr off_t kMaxBytes = 16 * 1024;  // 16 keys are 2 KiB

[[noreturn]] void refuse_write(const std::filesystem::path& path, int error) {
  const std::string todo = error == ENOSPC ? "; make room or choose another --data-dir" : "";
  throw StartRefused(path.string() + ": cannot be written: " + std::strerror(error) + todo, 69);
}

void sync_folder(const std::filesystem::path& folder) {
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  ::fsync(opened);
  ::close(opened);
}

/// A whole file on disk, under a name that nobody else takes.
std::filesystem::path write_draft(const std::filesystem::path& path, const std::string& text) {
  const std::filesystem::path draft = path.string() + "." + crypto::to_hex(crypto::random_bytes(8));
  const int file = ::open(draft.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (file < 0) refuse_write(path, errno);
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (written) return draft;
  ::unlink(draft.c_str());
  refuse_write(path, error);
}

}  // namespace

SecretText read_secret_file(const std::filesystem::path& path) {
  struct stat seen{};
  std::ifstream in(path, std::ios::binary);
  if (::stat(path.c_str(), &seen) != 0) return {"", "is gone; restore it from your backup"};
  if ((seen.st_mode & 077) != 0) {
    return {"", "readable by others; run: chmod 600 " + path.string()};
  }
  if (!in.is_open()) return {"", "cannot be read; it must belong to the user that runs evently"};
  if (seen.st_size > kMaxBytes || seen.st_size == 0) return {"", kBadSecret};
  return {{std::istreambuf_iterator<char>(in), {}}, ""};
}

void make_secret_file(const std::filesystem::path& path, const std::string& text) {
  const auto draft = write_draft(path, text);
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int error = errno;
  ::unlink(draft.c_str());
  if (!linked) refuse_write(path, error);
}

void replace_secret_file(const std::filesystem::path& path, const std::string& text) {
  const auto draft = write_draft(path, text);
  if (::rename(draft.c_str(), path.c_str()) != 0) {
    const int error = errno;
    ::unlink(draft.c_str());
    refuse_write(path, error);
  }
  sync_folder(path.parent_path());
}

TimePoint changed_at(const std::filesystem::path& path) {
  struct stat seen{};
  if (::stat(path.c_str(), &seen) != 0) return {};
  return TimePoint(std::chrono::seconds(seen.st_mtim.tv_sec));
}

}  // namespace evently::config
