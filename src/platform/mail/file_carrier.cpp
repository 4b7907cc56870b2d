#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <vector>

#include "platform/mail/carrier.hpp"

namespace evently::mail {
namespace {

constexpr std::size_t kMaxFiles = 1'000;

class FileCarrier final : public Carrier {
 public:
  explicit FileCarrier(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::string carry(const std::string& id, const std::string&, const std::string&,
                    const std::string& message) override {
    try {
      std::filesystem::create_directories(folder_);
      std::filesystem::permissions(folder_, std::filesystem::perms::owner_all);
      drop_oldest();
    } catch (const std::filesystem::filesystem_error& fault) {
      return fault.code().message();
    }
    const std::string name = (folder_ / (id + ".eml")).string();
    const int file =
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (file < 0) return std::strerror(errno);
    const ssize_t written = ::write(file, message.data(), message.size());
    const bool whole = written == static_cast<ssize_t>(message.size());
    const std::string why = whole ? "" : "the file could not be written in full";
    ::close(file);
    if (!whole) ::unlink(name.c_str());
    return why;
  }

 private:
  /// Names are UUIDv7: their order is that of time.
  void drop_oldest() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (entry.path().extension() == ".eml") files.push_back(entry.path());
    }
    if (files.size() < kMaxFiles) return;
    std::sort(files.begin(), files.end());
    files.resize(files.size() - kMaxFiles + 1);
    for (const auto& file : files) std::filesystem::remove(file);
  }

  std::filesystem::path folder_;
};

}  // namespace

std::unique_ptr<Carrier> make_file_carrier(std::filesystem::path folder) {
  return std::make_unique<FileCarrier>(std::move(folder));
}

}  // namespace evently::mail
