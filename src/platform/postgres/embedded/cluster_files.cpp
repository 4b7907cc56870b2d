#include "platform/postgres/embedded/cluster_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "platform/config/refusal.hpp"
#include "platform/crypto/hmac.hpp"
#include "platform/postgres/embedded/cluster_process.hpp"

namespace evently::postgres {
namespace {

namespace fs = std::filesystem;
using config::StartRefused;

constexpr int kUnavailable = 69;                       // EX_UNAVAILABLE, sysexits.h
constexpr std::size_t kMaxSocketPath = 107;            // sun_path less its final zero, unix(7)
constexpr char kSocketName[] = "/.s.PGSQL.5432.lock";  // the longest name beside the socket
constexpr char kInclude[] = "include 'evently.conf'";

constexpr char kSettings[] =
    R"(# Written by evently at each start; ALTER SYSTEM wins over this file.
listen_addresses = ''
unix_socket_permissions = 0777   # the folder around it is private
port = 5432                      # names the socket, nothing listens on TCP
max_connections = 100
fsync = on
synchronous_commit = on
full_page_writes = on
max_wal_size = 4GB
min_wal_size = 1GB               # a rush finds files to reuse: zeroing a new one stops all for 40 ms
checkpoint_timeout = 15min
wal_compression = lz4            # pglz costs a third of the bookings right after a checkpoint
jit = off
idle_in_transaction_session_timeout = 5s
timezone = 'UTC'
password_encryption = 'scram-sha-256'
# No personal data in the server's log: an ERROR quotes the value it dislikes (evently logs the
# SQLSTATE itself), DETAIL and STATEMENT carry rows and parameters.
log_min_messages = log
log_min_error_statement = panic
log_error_verbosity = terse
log_parameter_max_length = 0
log_parameter_max_length_on_error = 0
)";

/// Whole and on disk, or StartRefused.
void write_file(const fs::path& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
      ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (!written) {
    const std::string todo = error == ENOSPC ? "; make room or choose another --data-dir" : "";
    throw StartRefused(path.string() + ": cannot be written: " + std::strerror(error) + todo,
                       kUnavailable);
  }
  give_to_server(path);
}

std::string content_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A private folder with a short name, the same for every command on this data directory.
fs::path short_folder(const fs::path& data_dir) {
  const std::string name = crypto::to_hex(crypto::sha256(data_dir.string())).substr(0, 16);
  if (::geteuid() == 0) return "/run/evently-" + name;
  return "/tmp/evently-" + std::to_string(::geteuid()) + "-" + name;
}

/// For us and the server's user only. Ours, so that the program may enter it without root's
/// privileges, which it gives up; of the server's group, so that the server may. In /tmp somebody
/// else may have been there first.
void make_private(const fs::path& folder) {
  std::error_code failed;
  fs::create_directory(folder, failed);
  const auto user = server_user();
  struct stat seen{};
  const bool is_ours = ::lstat(folder.c_str(), &seen) == 0 && S_ISDIR(seen.st_mode) &&
                       (seen.st_uid == ::geteuid() || (user && seen.st_uid == user->uid));
  if (is_ours && (!user || ::chown(folder.c_str(), ::geteuid(), user->gid) == 0) &&
      ::chmod(folder.c_str(), user ? 0770 : 0700) == 0) {
    return;
  }
  throw StartRefused(folder.string() + ": must be a folder of ours; " +
                         (failed ? failed.message() : std::string("remove it")),
                     kUnavailable);
}

/// An eighth of the memory, within reason: PostgreSQL leans on the page cache for the rest.
long shared_buffers_mb() {
  const long bytes_per_page = ::sysconf(_SC_PAGESIZE);
  const long memory_mb = ::sysconf(_SC_PHYS_PAGES) / (1024L * 1024 / bytes_per_page);
  return std::clamp(memory_mb / 8, 64L, 1024L);
}

}  // namespace

ClusterFiles ClusterFiles::under(const fs::path& data_dir) {
  // The command line may give it relative or through a link, the server knows one name.
  const fs::path whole = fs::weakly_canonical(data_dir);
  ClusterFiles files{whole / "postgres", whole / "run", whole / "run", whole / "postgres.log"};
  const std::string run = files.run.string();
  const bool fits = run.size() + sizeof kSocketName - 1 <= kMaxSocketPath;
  // A comma separates hosts and folders; quotes would have to survive two syntaxes.
  const bool is_plain = run.find_first_of(",'\"\\\n") == std::string::npos;
  if (!fits || !is_plain) files.socket = short_folder(whole);
  return files;
}

int cluster_major(const ClusterFiles& files) {
  if (!fs::exists(files.cluster)) return 0;
  int major = 0;
  std::ifstream(files.cluster / "PG_VERSION") >> major;
  const std::string settings = content_of(files.cluster / "postgresql.conf");
  if (major > 0 && settings.find(kInclude) != std::string::npos) return major;
  throw StartRefused(
      files.cluster.string() +
      ": not a cluster that Evently made; move it away or choose another --data-dir");
}

void prepare_folders(const ClusterFiles& files) {
  const fs::path data_dir = files.run.parent_path();
  if (!server_can_pass(data_dir)) {
    throw StartRefused(data_dir.string() +
                       ": the user postgres cannot pass through the folders above it; choose "
                       "another --data-dir, like /var/lib/evently");
  }
  make_private(files.run);
  if (files.socket != files.run) make_private(files.socket);
}

void make_cluster(const ClusterFiles& files, const fs::path& binaries,
                  const std::string& superuser_password) {
  const fs::path draft = files.run / "initdb";
  const fs::path password = files.run / "initdb.password";
  std::error_code absent;
  fs::remove_all(draft);
  const auto log_begin = fs::file_size(files.log, absent);
  write_file(password, superuser_password + "\n");
  const int code = run_as_server(
      {binaries / "initdb", "--pgdata", draft, "--username=evently_superuser", "--pwfile", password,
       "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"},
      files.log);
  fs::remove(password);
  if (code != 0) {
    const std::string why = first_fault(files.log, absent ? 0 : log_begin);
    fs::remove_all(draft, absent);
    throw StartRefused("initdb failed: " + why, kUnavailable);
  }
  write_file(draft / "pg_hba.conf", "local all all scram-sha-256\n");
  write_file(draft / "postgresql.conf",
             content_of(draft / "postgresql.conf") + "\n" + kInclude + "\n");
  fs::rename(draft, files.cluster);
}

void write_settings(const ClusterFiles& files) {
  write_file(files.cluster / "evently.conf",
             std::string(kSettings) + "unix_socket_directories = '" + files.socket.string() +
                 "'\n" + "shared_buffers = " + std::to_string(shared_buffers_mb()) + "MB\n");
}

}  // namespace evently::postgres
