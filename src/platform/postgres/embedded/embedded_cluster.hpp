#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "platform/config/data_dir.hpp"
#include "platform/postgres/embedded/cluster_files.hpp"
#include "platform/postgres/embedded/cluster_supervisor.hpp"

namespace evently::postgres {

struct ClusterOptions {
  std::filesystem::path data_dir;  ///< holds postgres/ (the cluster), run/ (socket), postgres.log
  std::string superuser_password;
  /// Where server versions are looked for; tests point elsewhere.
  std::filesystem::path versions_dir = "/usr/lib/postgresql";
};

/// A private PostgreSQL in the data directory: made at the first start, unix socket only,
/// supervised by a thread (restarted with back-off when it dies), stopped with the object. Started
/// as root it runs as `postgres`, for PostgreSQL refuses root. The folder is locked: one program
/// at a time. Throws config::StartRefused with one line that says what to do.
class EmbeddedCluster {
 public:
  explicit EmbeddedCluster(ClusterOptions options);
  ~EmbeddedCluster();
  EmbeddedCluster(const EmbeddedCluster&) = delete;
  EmbeddedCluster& operator=(const EmbeddedCluster&) = delete;

  /// Superuser, database `evently`.
  std::string conninfo() const;
  int restarts() const { return supervisor_->restarts(); }
  bool running() const { return supervisor_->running(); }

  /// How the operator's commands reach a cluster that a running server keeps; empty when none is.
  static std::string running_conninfo(const ClusterOptions& options);

 private:
  void wait_until_ready(std::uintmax_t log_begin) const;
  void ensure_database() const;

  ClusterOptions options_;
  config::DataDirLock lock_;
  ClusterFiles files_;
  std::unique_ptr<ClusterSupervisor> supervisor_;  ///< last: the server ends before the lock
};

}  // namespace evently::postgres
