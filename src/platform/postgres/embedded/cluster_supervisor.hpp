#pragma once

#include <sys/types.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace evently::postgres {

/// Keeps one server process running from a thread of its own: starts it again when it dies (at
/// once, then after 1, 2, 4 … 30 s while it keeps dying young), keeps its log below 16 MiB, and
/// stops it with the object: fast shutdown first, immediate after 20 s. The server stops by itself
/// when this program dies.
class ClusterSupervisor {
 public:
  ClusterSupervisor(std::vector<std::string> command, std::filesystem::path log);
  ~ClusterSupervisor();
  ClusterSupervisor(const ClusterSupervisor&) = delete;
  ClusterSupervisor& operator=(const ClusterSupervisor&) = delete;

  int restarts() const { return restarts_; }
  bool running() const { return server_ > 0; }
  /// From here on a death is news; before, the one who starts it says why it did not start.
  void report_deaths() { reports_ = true; }

 private:
  void supervise();
  bool watch(std::unique_lock<std::mutex>& lock);

  std::vector<std::string> command_;
  std::filesystem::path log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::atomic<pid_t> server_{-1};
  std::atomic<int> restarts_{0};
  std::atomic<bool> reports_{false};
  std::thread thread_;
};

}  // namespace evently::postgres
