#include "platform/postgres/embedded/cluster_process.hpp"

#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>

#include "platform/config/refusal.hpp"

namespace evently::postgres {
namespace {

namespace fs = std::filesystem;

constexpr int kOldestMajor = 15;
constexpr int kUnavailable = 69;  // EX_UNAVAILABLE, sysexits.h

std::optional<ServerUser> look_up_server_user() {
  if (::geteuid() != 0) return std::nullopt;
  const passwd* entry = ::getpwnam("postgres");
  if (entry == nullptr) {
    throw config::StartRefused("there is no user `postgres`: apt-get install postgresql",
                               kUnavailable);
  }
  return ServerUser{entry->pw_uid, entry->pw_gid};
}

bool become(const std::optional<ServerUser>& user) {
  if (!user) return true;
  return ::setgroups(0, nullptr) == 0 && ::setgid(user->gid) == 0 && ::setuid(user->uid) == 0;
}

/// Asio opens sockets without close-on-exec: a server we start again would keep our port.
void close_inherited() {
  if (::close_range(3, ~0U, 0) == 0) return;
  constexpr int kOldKernel = 4096;  // before Linux 5.9: as far as a usual limit goes
  for (int file = 3; file < kOldKernel; ++file) ::close(file);
}

int wait_for(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return 127;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool is_server(const fs::path& bin) {
  std::error_code absent;
  return fs::exists(bin / "postgres", absent) && fs::exists(bin / "initdb", absent);
}

/// "postgres (PostgreSQL) 15.14 (Debian …)" -> 15; 0 when it does not say.
int major_of(const fs::path& bin) {
  const std::string command = "'" + (bin / "postgres").string() + "' --version";
  const std::unique_ptr<FILE, int (*)(FILE*)> out(::popen(command.c_str(), "r"), ::pclose);
  int major = 0;
  if (!out || std::fscanf(out.get(), "%*s (PostgreSQL) %d", &major) != 1) return 0;
  return major;
}

std::optional<fs::path> find_in_path(int major) {
  const char* path = std::getenv("PATH");
  std::string rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    fs::path bin = rest.substr(0, colon);
    rest = colon == std::string::npos ? "" : rest.substr(colon + 1);
    if (!bin.is_absolute() || bin.string().find('\'') != std::string::npos) continue;
    if (!is_server(bin)) continue;
    const int found = major_of(bin);
    if (major == 0 ? found >= kOldestMajor : found == major) return bin;
  }
  return std::nullopt;
}

}  // namespace

std::optional<ServerUser> server_user() {
  static const std::optional<ServerUser> user = look_up_server_user();
  return user;
}

void give_to_server(const fs::path& path) {
  const auto user = server_user();
  if (user && ::chown(path.c_str(), user->uid, user->gid) != 0) {
    throw config::StartRefused(path.string() + ": cannot be given to the user postgres");
  }
}

bool server_can_pass(const fs::path& folder) {
  const auto user = server_user();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(become(user) && ::access(folder.c_str(), X_OK) == 0 ? 0 : 1);
  return child > 0 && wait_for(child) == 0;
}

pid_t spawn_as_server(const std::vector<std::string>& command, int death_signal,
                      const fs::path& log) {
  // Everything that allocates comes before the fork: other threads may hold the allocator's lock.
  const auto user = server_user();
  std::vector<char*> arguments;
  arguments.reserve(command.size() + 1);
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);

  const pid_t parent = ::getpid();
  const pid_t child = ::fork();
  if (child != 0) {
    if (out >= 0) ::close(out);
    if (null >= 0) ::close(null);
    return child;
  }
  ::setsid();  // Ctrl-C is for us; we stop the server in order
  ::dup2(null, 0);
  ::dup2(out >= 0 ? out : null, 1);
  ::dup2(1, 2);
  close_inherited();
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (!become(user)) ::_exit(126);
  // After setuid, which clears it; and the parent may have died before.
  ::prctl(PR_SET_PDEATHSIG, death_signal);
  if (::getppid() != parent) ::_exit(126);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

int run_as_server(const std::vector<std::string>& command, const fs::path& log) {
  const pid_t child = spawn_as_server(command, SIGTERM, log);
  return child < 0 ? 127 : wait_for(child);
}

std::optional<fs::path> find_binaries(const fs::path& versions_dir, int major) {
  int best = 0;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(versions_dir, absent)) {
    const int version = std::atoi(entry.path().filename().c_str());
    const bool wanted = major == 0 ? version >= kOldestMajor : version == major;
    if (wanted && version > best && is_server(entry.path() / "bin")) best = version;
  }
  if (best == 0) return find_in_path(major);
  return versions_dir / std::to_string(best) / "bin";
}

std::string first_fault(const fs::path& log, std::uintmax_t from) {
  std::ifstream in(log);
  in.seekg(static_cast<std::streamoff>(from));
  std::string line;
  std::string last;
  while (std::getline(in, line)) {
    if (!line.empty()) last = line;
    // What our own asking provokes while the server recovers.
    if (line.find("the database system is") != std::string::npos) continue;
    for (const char* mark : {"FATAL:", "PANIC:", "error:", "postgres: "}) {
      const std::size_t at = line.find(mark);
      if (at != std::string::npos) return line.substr(at);
    }
  }
  return (last.empty() ? "it said nothing" : last) + "; see " + log.string();
}

}  // namespace evently::postgres
