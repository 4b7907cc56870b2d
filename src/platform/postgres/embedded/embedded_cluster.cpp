#include "platform/postgres/embedded/embedded_cluster.hpp"

#include <libpq-fe.h>
#include <signal.h>

#include <cerrno>
#include <chrono>
#include <fstream>
#include <thread>
#include <utility>

#include "platform/config/refusal.hpp"
#include "platform/observability/log.hpp"
#include "platform/postgres/embedded/cluster_process.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::postgres {
namespace {

namespace fs = std::filesystem;
using config::StartRefused;
using Time = std::chrono::steady_clock;

constexpr int kUnavailable = 69;                 // EX_UNAVAILABLE, sysexits.h
constexpr std::chrono::minutes kReadyLimit{15};  // replays up to max_wal_size after a crash
constexpr std::chrono::seconds kNoticeEvery{10};
constexpr std::chrono::seconds kStopLimit{20};
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::uintmax_t kBytesForNewCluster = 200ULL * 1024 * 1024;  // 40 MB, WAL, room to work
constexpr std::uintmax_t kBytesToStart = 32ULL * 1024 * 1024;         // two WAL segments

constexpr Statement kFindDatabase{"postgres.find_database",
                                  "SELECT 1 FROM pg_database WHERE datname = 'evently'"};

std::string conninfo_to(const ClusterFiles& files, const std::string& password,
                        const std::string& database) {
  return conninfo_for_role(
      "host='" + files.socket.string() + "' port=5432 connect_timeout=5 dbname='" + database + "'",
      "evently_superuser", password);
}

void refuse_when_full(const fs::path& folder, std::uintmax_t needed) {
  std::error_code failed;
  const auto space = fs::space(folder, failed);
  if (failed || space.available >= needed) return;
  throw StartRefused(folder.string() + ": less than " + std::to_string(needed / 1024 / 1024) +
                         " MiB free; make room or choose another --data-dir",
                     kUnavailable);
}

fs::path binaries_for(int major, const fs::path& versions_dir) {
  const auto binaries = find_binaries(versions_dir, major);
  if (binaries) return *binaries;
  if (major == 0) {
    throw StartRefused(
        "PostgreSQL 15 or newer is not installed: apt-get install postgresql, or pass "
        "--database-url",
        kUnavailable);
  }
  const std::string version = std::to_string(major);
  throw StartRefused("the data is of PostgreSQL " + version +
                         ", which is not installed: apt-get install postgresql-" + version,
                     kUnavailable);
}

/// Whether this process works in that folder. A zombie works nowhere, another's pid elsewhere.
bool works_in(pid_t pid, const fs::path& folder) {
  std::error_code gone;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/cwd", gone) == folder && !gone;
}

bool leaves_in_time(pid_t pid, const fs::path& folder) {
  for (const auto limit = Time::now() + kStopLimit; Time::now() < limit;) {
    if (!works_in(pid, folder)) return true;
    std::this_thread::sleep_for(kPoll);
  }
  return false;
}

/// After a kill -9 of evently its postgres may still be stopping, or running. It is stopped rather
/// than adopted: only its parent learns of its death.
void stop_orphan(const fs::path& cluster) {
  pid_t orphan = -1;
  std::ifstream(cluster / "postmaster.pid") >> orphan;
  if (orphan <= 1) return;
  for (const int signal : {SIGINT, SIGQUIT}) {
    if (!works_in(orphan, cluster)) return;
    ::kill(orphan, signal);
    if (leaves_in_time(orphan, cluster)) return;
  }
  throw StartRefused("an old postgres does not stop; run: kill -9 " + std::to_string(orphan),
                     kUnavailable);
}

/// An orphan that had not written its pid when we looked, or the last backends of a postgres that
/// was killed. The program's end was their signal: the supervisor tries again until they are gone.
bool is_leaving(const std::string& fault) {
  return fault.find("\"postmaster.pid\" already exists") != std::string::npos ||
         fault.find("shared memory block") != std::string::npos;
}

}  // namespace

EmbeddedCluster::EmbeddedCluster(ClusterOptions options)
    : options_(std::move(options)),
      lock_(config::claim_data_dir(options_.data_dir)),
      files_(ClusterFiles::under(options_.data_dir)) {
  const int major = cluster_major(files_);
  const fs::path binaries = binaries_for(major, options_.versions_dir);
  refuse_when_full(options_.data_dir, major == 0 ? kBytesForNewCluster : kBytesToStart);
  prepare_folders(files_);
  if (major == 0) make_cluster(files_, binaries, options_.superuser_password);
  stop_orphan(fs::canonical(files_.cluster));
  write_settings(files_);

  std::error_code absent;
  const auto log_size = fs::file_size(files_.log, absent);
  supervisor_ = std::make_unique<ClusterSupervisor>(
      std::vector<std::string>{binaries / "postgres", "-D", files_.cluster}, files_.log);
  wait_until_ready(absent ? 0 : log_size);
  supervisor_->report_deaths();
  ensure_database();
}

EmbeddedCluster::~EmbeddedCluster() {
  supervisor_.reset();
  std::error_code not_empty;
  if (files_.socket != files_.run) fs::remove(files_.socket, not_empty);
}

std::string EmbeddedCluster::conninfo() const {
  return conninfo_to(files_, options_.superuser_password, "evently");
}

std::string EmbeddedCluster::running_conninfo(const ClusterOptions& options) {
  const std::string conninfo =
      conninfo_to(ClusterFiles::under(options.data_dir), options.superuser_password, "evently");
  return can_connect(conninfo) ? conninfo : "";
}

void EmbeddedCluster::wait_until_ready(std::uintmax_t log_begin) const {
  const std::string maintenance = conninfo_to(files_, options_.superuser_password, "postgres");
  const auto began = Time::now();
  auto next_notice = began + kNoticeEvery;
  int deaths = 0;
  while (PQping(maintenance.c_str()) != PQPING_OK) {
    const auto now = Time::now();
    if (restarts() > deaths) {
      const std::string why = first_fault(files_.log, log_begin);
      if (!is_leaving(why) || now - began > kStopLimit) {
        throw StartRefused("postgres did not start: " + why, kUnavailable);
      }
      deaths = restarts();
      std::error_code absent;
      log_begin = fs::file_size(files_.log, absent);
    }
    if (now - began > kReadyLimit) {
      throw StartRefused("postgres was not ready in 15 minutes; see " + files_.log.string(),
                         kUnavailable);
    }
    if (now > next_notice) {
      observability::log(observability::Level::Warning, "postgres.still_recovering");
      next_notice = now + kNoticeEvery;
    }
    std::this_thread::sleep_for(kPoll);
  }
}

void EmbeddedCluster::ensure_database() const {
  try {
    SyncConnection connection(conninfo_to(files_, options_.superuser_password, "postgres"));
    if (connection.run(kFindDatabase).size() > 0) return;
    connection.script("postgres.create_database", "CREATE DATABASE evently");
  } catch (const ConnectionLost& fault) {
    throw StartRefused(std::string("the embedded database refuses the program: ") + fault.what() +
                       "; if secrets were lost, restore " +
                       (options_.data_dir / "secrets").string() + " from your backup");
  }
}

}  // namespace evently::postgres
