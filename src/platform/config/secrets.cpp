#include "platform/config/secrets.hpp"

#include <sys/stat.h>

#include <array>
#include <fstream>
#include <iterator>
#include <set>

#include "platform/config/data_dir.hpp"
#include "platform/config/key_file.hpp"
#include "platform/config/refusal.hpp"
#include "platform/config/secret_file.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/crypto/random.hpp"

namespace evently::config {
namespace {

constexpr std::array kKeys{"jwt.key",         "context.key", "cursor.key", "lookup.key",
                           "password.pepper", "totp.key",    "csrf.key"};
constexpr std::array kRoles{"evently_superuser",  "application_user",    "application_public",
                            "application_admin",  "application_auth",    "application_worker",
                            "application_sealer", "application_operator"};
constexpr char kList[] = "made";

/// Names of the secrets that were made here. One of them gone is a loss to be mended, not a reason
/// to make another: a new pepper would lock everybody out.
std::set<std::string> read_list(const std::filesystem::path& list) {
  std::ifstream in(list);
  return {std::istream_iterator<std::string>(in), {}};
}

void write_list(const std::filesystem::path& list, const std::set<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += name + "\n";
  replace_secret_file(list, text);
}

/// The file's keys (a password is one, too), or a fault appended to `faults`.
crypto::KeyRing read_secret(const std::filesystem::path& path, std::string& faults) {
  const SecretText read = read_secret_file(path);
  const auto ring = parse_key_ring(read.text, changed_at(path));
  if (ring) return *ring;
  faults += (faults.empty() ? " " : "; ") + path.string() + ": " +
            (read.fault.empty() ? kBadSecret : read.fault);
  return crypto::ring_of("");
}

}  // namespace

Secrets Secrets::load_or_make(const std::filesystem::path& data_dir) {
  const std::filesystem::path folder = claim_data_dir(data_dir) / "secrets";
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw StartRefused(folder.string() + ": cannot be made: " + failed.message(), 78);
  ::chmod(folder.c_str(), 0700);

  Secrets secrets;
  std::string faults;
  std::set<std::string> made = read_list(folder / kList);
  bool made_any = false;
  const auto load = [&](const std::string& file) {
    const std::filesystem::path path = folder / file;
    if (made.insert(file).second && !std::filesystem::exists(path)) {
      make_secret_file(path, crypto::to_hex(crypto::random_bytes(32)) + "\n");
      made_any = true;
    }
    return read_secret(path, faults);
  };
  for (const char* name : kKeys) secrets.keys_[name] = load(name);
  for (const char* role : kRoles) {
    const crypto::KeyRing one = load(std::string("database.") + role);
    secrets.passwords_[role] = crypto::to_hex(one.front().secret);
  }
  if (!faults.empty()) throw StartRefused("secrets that cannot be used:" + faults);
  if (made_any) write_list(folder / kList, made);
  secrets.folder_ = folder;
  return secrets;
}

bool Secrets::exist(const std::filesystem::path& data_dir) {
  const std::filesystem::path folder = data_dir / "secrets";
  std::error_code unreadable;  // as if absent: who makes or claims the folder says why
  return std::filesystem::exists(folder / kList, unreadable) ||
         std::filesystem::exists(folder / "lookup.key", unreadable);
}

const crypto::KeyRing& Secrets::ring(const std::string& name) const { return keys_.at(name); }
const std::string& Secrets::key(const std::string& name) const {
  return crypto::current_key(keys_.at(name), SystemClock().now()).secret;
}
const std::string& Secrets::password(const std::string& role) const { return passwords_.at(role); }

}  // namespace evently::config
