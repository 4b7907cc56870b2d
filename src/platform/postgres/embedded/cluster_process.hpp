#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace evently::postgres {

/// The user PostgreSQL runs as: `postgres` when we are root, else nobody (we stay who we are).
struct ServerUser {
  uid_t uid;
  gid_t gid;
};
std::optional<ServerUser> server_user();

/// Gives a path to the server's user when there is one.
void give_to_server(const std::filesystem::path& path);

/// Whether the server's user can pass through `folder` and all above it.
bool server_can_pass(const std::filesystem::path& folder);

/// Starts a program as the server's user; it gets `death_signal` when the calling thread ends, and
/// its output goes to `log`. It inherits no descriptor. Returns the pid, or -1.
pid_t spawn_as_server(const std::vector<std::string>& command, int death_signal,
                      const std::filesystem::path& log);

/// Runs to the end; exit code, or 128 + signal.
int run_as_server(const std::vector<std::string>& command, const std::filesystem::path& log);

/// bin folder of a server of exactly `major`, or of the newest >= 15 when `major` is 0: in
/// `versions_dir`/MAJOR/bin as Debian has them, else where PATH finds `postgres`.
std::optional<std::filesystem::path> find_binaries(const std::filesystem::path& versions_dir,
                                                   int major);

/// Why a server or initdb gave up: the first fault in the log at or after byte `from`.
std::string first_fault(const std::filesystem::path& log, std::uintmax_t from);

}  // namespace evently::postgres
