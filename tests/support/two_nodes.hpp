#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/external_cluster.hpp"
#include "support/scratch_folder.hpp"
#include "support/server_process.hpp"

namespace evently::testing {

/// Two servers on one PostgreSQL, with the same secrets, as an operator would run them.
struct TwoNodes {
  /// `arguments` are for both, `of_first` and `of_second` for one.
  explicit TwoNodes(const std::vector<std::string>& arguments,
                    const std::vector<std::string>& of_first = {},
                    const std::vector<std::string>& of_second = {});

  ExternalCluster cluster;
  const std::string url;
  ScratchFolder folder;
  std::unique_ptr<ServerProcess> first;
  std::unique_ptr<ServerProcess> second;
};

}  // namespace evently::testing
