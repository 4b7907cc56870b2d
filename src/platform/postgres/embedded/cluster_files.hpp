#pragma once

#include <filesystem>
#include <string>

namespace evently::postgres {

/// Where a private cluster keeps its files.
struct ClusterFiles {
  std::filesystem::path cluster;  ///< PostgreSQL's data directory
  std::filesystem::path run;      ///< drafts; the socket, when its path is short enough
  std::filesystem::path socket;   ///< folder of the unix socket, private
  std::filesystem::path log;      ///< what the server writes to stderr

  static ClusterFiles under(const std::filesystem::path& data_dir);
};

/// PostgreSQL major version of the cluster; 0 when there is none yet. Throws StartRefused for a
/// folder there that is not a cluster made by Evently.
int cluster_major(const ClusterFiles& files);

/// Makes run/ and the socket's folder, private to the server's user.
void prepare_folders(const ClusterFiles& files);

/// initdb beside the final place, renamed when whole: a start that was cut off leaves no half
/// cluster.
void make_cluster(const ClusterFiles& files, const std::filesystem::path& binaries,
                  const std::string& superuser_password);

/// evently.conf, which postgresql.conf includes; written anew at each start.
void write_settings(const ClusterFiles& files);

}  // namespace evently::postgres
