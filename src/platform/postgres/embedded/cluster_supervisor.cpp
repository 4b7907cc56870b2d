#include "platform/postgres/embedded/cluster_supervisor.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "platform/observability/log.hpp"
#include "platform/postgres/embedded/cluster_process.hpp"

namespace evently::postgres {
namespace {

namespace fs = std::filesystem;
using Time = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};
constexpr std::chrono::seconds kStopLimit{20};
constexpr std::chrono::seconds kLongLife{30};  // dying after this is not "again"
constexpr int kMaxBackoffSeconds = 30;
constexpr std::uintmax_t kMaxLogBytes = 16ULL * 1024 * 1024;

/// 0, 1, 2, 4 … 30 s for the first, second … death in a row.
std::chrono::seconds backoff(int deaths) {
  if (deaths <= 1) return std::chrono::seconds(0);
  return std::chrono::seconds(std::min(kMaxBackoffSeconds, 1 << std::min(deaths - 2, 5)));
}

bool has_ended(pid_t server) { return ::waitpid(server, nullptr, WNOHANG) != 0; }

bool ends_in_time(pid_t server) {
  for (const auto limit = Time::now() + kStopLimit; Time::now() < limit;) {
    if (has_ended(server)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

void stop_server(pid_t server) {
  for (const int signal : {SIGINT, SIGQUIT, SIGKILL}) {  // fast, immediate, by force
    ::kill(server, signal);
    if (ends_in_time(server)) return;
  }
}

/// The server holds the file open for appending: it is copied away and emptied.
void bound_log(const fs::path& log) {
  std::error_code failed;
  if (fs::file_size(log, failed) <= kMaxLogBytes || failed) return;
  fs::copy_file(log, log.string() + ".1", fs::copy_options::overwrite_existing, failed);
  fs::resize_file(log, 0, failed);
}

}  // namespace

ClusterSupervisor::ClusterSupervisor(std::vector<std::string> command, fs::path log)
    : command_(std::move(command)), log_(std::move(log)), thread_([this] { supervise(); }) {}

ClusterSupervisor::~ClusterSupervisor() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

/// Until the server dies (true) or is to be stopped (false).
bool ClusterSupervisor::watch(std::unique_lock<std::mutex>& lock) {
  constexpr int kLogCheck = 200;  // polls: every 10 s
  for (int polls = 0; !stopping_; ++polls) {
    if (server_ <= 0 || has_ended(server_)) return true;
    if (polls % kLogCheck == 0) bound_log(log_);
    changed_.wait_for(lock, kPoll, [this] { return stopping_; });
  }
  return false;
}

void ClusterSupervisor::supervise() {
  int deaths = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto began = Time::now();
    // From this thread, which lives as long as the object: its end is the child's death signal.
    server_ = spawn_as_server(command_, SIGINT, log_);
    if (!watch(lock)) break;

    server_ = -1;
    ++restarts_;
    deaths = Time::now() - began > kLongLife ? 1 : deaths + 1;
    if (reports_) {
      observability::log(observability::Level::Error, "postgres.server_died",
                         {{"restarts", static_cast<std::int64_t>(restarts_)}});
    }
    changed_.wait_for(lock, backoff(deaths), [this] { return stopping_; });
  }
  if (server_ > 0) stop_server(server_);
  server_ = -1;
}

}  // namespace evently::postgres
