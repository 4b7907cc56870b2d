#include "platform/config/key_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>

#include "platform/config/refusal.hpp"
#include "platform/config/secret_file.hpp"
#include "platform/crypto/hmac.hpp"

namespace evently::config {
namespace {

using crypto::KeyRing;
using crypto::RingKey;

constexpr std::size_t kHexCharacters = 64;  // 32 bytes

std::optional<std::string> decode_secret(std::string_view hex) {
  if (hex.size() != kHexCharacters) return std::nullopt;
  if (hex.find_first_not_of("0123456789abcdef") != std::string_view::npos) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string_view take_until(std::string_view& rest, char end) {
  const std::size_t at = std::min(rest.find(end), rest.size());
  const std::string_view taken = rest.substr(0, at);
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return taken;
}

std::optional<RingKey> parse_line(std::string_view line) {
  RingKey key;
  const std::string_view kid = take_until(line, ' ');
  const auto secret = decode_secret(take_until(line, ' '));
  const auto created = parse_rfc3339(take_until(line, ' '));
  const auto number = std::from_chars(kid.data(), kid.data() + kid.size(), key.kid);
  if (number.ec != std::errc() || number.ptr != kid.data() + kid.size()) return std::nullopt;
  if (key.kid < 1 || key.kid > 999'999 || !secret || !created) return std::nullopt;
  key.secret = *secret;
  key.created = *created;
  if (line == "-") return key;
  key.retire_after = parse_rfc3339(line);
  if (!key.retire_after) return std::nullopt;
  return key;
}

KeyRing read_key_ring(const std::filesystem::path& path) {
  const SecretText read = read_secret_file(path);
  if (!read.fault.empty()) throw StartRefused(path.string() + ": " + read.fault, 78);
  const auto ring = parse_key_ring(read.text, changed_at(path));
  if (!ring) throw StartRefused(path.string() + ": " + kBadSecret, 78);
  return *ring;
}

/// Held while a key file is read, changed and written back. The kernel lets go when we die.
class FolderLock {
 public:
  explicit FolderLock(const std::filesystem::path& folder)
      : folder_(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    if (folder_ < 0 || ::flock(folder_, LOCK_EX) != 0) {
      throw StartRefused(folder.string() + ": cannot be locked", 78);
    }
  }
  ~FolderLock() { ::close(folder_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int folder_;
};

}  // namespace

std::optional<KeyRing> parse_key_ring(std::string_view text, TimePoint file_made_at) {
  std::string_view rest = text;
  KeyRing ring;
  const auto alone = decode_secret(take_until(rest, '\n'));
  if (alone && rest.empty()) return KeyRing{RingKey{1, *alone, file_made_at, {}}};
  rest = text;
  while (!rest.empty()) {
    const auto key = parse_line(take_until(rest, '\n'));
    if (!key || (!ring.empty() && key->kid <= ring.back().kid)) return std::nullopt;
    ring.push_back(*key);
  }
  if (ring.empty()) return std::nullopt;
  return ring;
}

std::string format_key_ring(const KeyRing& ring) {
  std::string text;
  for (const RingKey& key : ring) {
    text += std::to_string(key.kid) + " " + crypto::to_hex(key.secret) + " " +
            to_rfc3339(key.created) + " " +
            (key.retire_after ? to_rfc3339(*key.retire_after) : "-") + "\n";
  }
  return text;
}

const std::vector<RotatableKey>& rotatable_keys() {
  using std::chrono::hours;
  using std::chrono::minutes;
  static const std::vector<RotatableKey> keys{
      {"jwt", "jwt.key", hours(24) + minutes(1)},  // the longest session, and the leeway
      {"context", "context.key", minutes(5)},      // 30 s, and clocks that differ
      {"cursor", "cursor.key", hours(24)},
      {"pepper", "password.pepper", std::nullopt},  // until its owner signs in
  };
  return keys;
}

KeyRing rotate_key_file(const std::filesystem::path& secrets_folder, const RotatableKey& which,
                        TimePoint now, const std::vector<int>& dispensable,
                        const std::function<void(const KeyRing&)>& publish) {
  const FolderLock turn(secrets_folder);
  const std::filesystem::path path = secrets_folder / which.file;
  KeyRing ring = read_key_ring(path);
  const int current = crypto::current_key(ring, now).kid;
  std::erase_if(ring, [&](const RingKey& key) {
    return key.kid < current &&
           std::find(dispensable.begin(), dispensable.end(), key.kid) != dispensable.end();
  });
  const TimePoint whole_second = std::chrono::floor<std::chrono::seconds>(now);
  ring = crypto::rotated(ring, whole_second, which.overlap);
  publish(ring);
  replace_secret_file(path, format_key_ring(ring));
  return ring;
}

std::vector<KeyWatch::Change> KeyWatch::changes() {
  std::vector<Change> found;
  for (const RotatableKey& key : rotatable_keys()) {
    const std::filesystem::path path = folder_ / key.file;
    struct stat now{};
    ::stat(path.c_str(), &now);
    const std::string state = std::to_string(now.st_ino) + "." + std::to_string(now.st_size) + "." +
                              std::to_string(now.st_mtim.tv_sec) + "." +
                              std::to_string(now.st_mtim.tv_nsec);
    if (!seen_.emplace(key.file, "").first->second.empty() && seen_[key.file] == state) continue;
    seen_[key.file] = state;
    Change change{key.file, {}, ""};
    try {
      change.ring = read_key_ring(path);
    } catch (const StartRefused& fault) {
      change.fault = fault.what();
    }
    found.push_back(std::move(change));
  }
  return found;
}

}  // namespace evently::config
