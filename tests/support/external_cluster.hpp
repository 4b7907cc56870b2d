#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/scratch_folder.hpp"

namespace evently::testing {

/// A PostgreSQL server as an operator would run one: TCP on 127.0.0.1, SCRAM for everybody, no
/// fsync. Ends with the object.
class ExternalCluster {
 public:
  /// `settings` go to the server's command line: "-c", "name=value".
  explicit ExternalCluster(const std::vector<std::string>& settings = {});
  ~ExternalCluster();
  ExternalCluster(const ExternalCluster&) = delete;
  ExternalCluster& operator=(const ExternalCluster&) = delete;

  /// One for the test program.
  static ExternalCluster& shared();

  /// postgresql://user:password@127.0.0.1:port/database
  std::string url(const std::string& user, const std::string& password,
                  const std::string& database) const;
  std::string superuser_url(const std::string& database = "postgres") const;

 private:
  ScratchFolder folder_;
  std::uint16_t port_ = 0;
  pid_t server_ = -1;
};

}  // namespace evently::testing
