#include "platform/config/secrets.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

#include "platform/config/data_dir.hpp"
#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::config {
namespace {

constexpr std::array kKeys{"jwt.key", "context.key", "cursor.key", "lookup.key", "password.pepper"};
constexpr std::array kRoles{"evently_superuser",  "application_user",    "application_public",
                            "application_admin",  "application_auth",    "application_worker",
                            "application_sealer", "application_operator"};
constexpr char kList[] = "made";
constexpr std::size_t kHexCharacters = 64;  // 32 bytes

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& why) {
  throw StartRefused(path.string() + ": " + why, 78);
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
  if (file < 0) refuse(path, std::string("cannot be written: ") + std::strerror(errno));
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  ::close(file);
  if (written) return draft;
  ::unlink(draft.c_str());
  refuse(path, std::string("cannot be written: ") + std::strerror(error));
}

/// Written whole or not at all. Of two programs that start together the first one's secret stays.
void make_secret(const std::filesystem::path& path) {
  const auto draft = write_draft(path, crypto::to_hex(crypto::random_bytes(32)) + "\n");
  const bool linked = ::link(draft.c_str(), path.c_str()) == 0 || errno == EEXIST;
  const int error = errno;
  ::unlink(draft.c_str());
  if (!linked) refuse(path, std::string("cannot be written: ") + std::strerror(error));
}

/// Names of the secrets that were made here. One of them gone is a loss to be mended, not a reason
/// to make another: a new pepper would lock everybody out.
std::set<std::string> read_list(const std::filesystem::path& list) {
  std::ifstream in(list);
  return {std::istream_iterator<std::string>(in), {}};
}

void write_list(const std::filesystem::path& list, const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  const auto draft = write_draft(list, text);
  if (::rename(draft.c_str(), list.c_str()) != 0) {
    refuse(list, std::string("cannot be written: ") + std::strerror(errno));
  }
  sync_folder(list.parent_path());
}

bool is_hex(const std::string& text) {
  return text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

/// The secret's hex text, or a fault appended to `faults`.
std::string read_secret(const std::filesystem::path& path, std::string& faults) {
  const std::string where = "\n  " + path.string() + ": ";
  struct stat seen{};
  std::ifstream in(path);
  std::string text;
  if (::stat(path.c_str(), &seen) != 0) {
    faults += where + "is gone; restore it from your backup";
  } else if ((seen.st_mode & 077) != 0) {
    faults += where + "readable by others; run: chmod 600 " + path.string();
  } else if (!in.is_open()) {
    faults += where + "cannot be read; it must belong to the user that runs evently";
  } else if (!std::getline(in, text) || text.size() != kHexCharacters || !is_hex(text)) {
    faults += where + "must hold 64 hexadecimal digits; restore it from your backup";
  }
  return text;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace

Secrets Secrets::load_or_make(const std::filesystem::path& data_dir) {
  const std::filesystem::path folder = claim_data_dir(data_dir) / "secrets";
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) refuse(folder, "cannot be made: " + failed.message());
  ::chmod(folder.c_str(), 0700);

  Secrets secrets;
  std::string faults;
  std::set<std::string> made = read_list(folder / kList);
  bool made_any = false;
  const auto load = [&](const std::string& file) {
    const std::filesystem::path path = folder / file;
    if (made.insert(file).second && !std::filesystem::exists(path)) {
      make_secret(path);
      made_any = true;
    }
    return read_secret(path, faults);
  };
  for (const char* name : kKeys) secrets.keys_[name] = load(name);
  for (const char* role : kRoles) secrets.passwords_[role] = load(std::string("database.") + role);
  if (!faults.empty()) throw StartRefused("secrets that cannot be used:" + faults);
  if (made_any) write_list(folder / kList, made);
  for (auto& [name, text] : secrets.keys_) text = from_hex(text);
  return secrets;
}

const std::string& Secrets::key(const std::string& name) const { return keys_.at(name); }
const std::string& Secrets::password(const std::string& role) const { return passwords_.at(role); }

}  // namespace evently::config
