#pragma once

#include <sys/types.h>

#include <cstdint>

#include "support/scratch_folder.hpp"

namespace evently::testing {

/// A real reverse proxy on a free loopback port, which keeps its connections to the program behind
/// it and marks what it forwards with `X-Front: 1` (but for HaproxyV2). Ends with the object.
class FrontProxy {
 public:
  /// HaproxyV2 passes connections on as they are, each with a PROXY protocol header before it.
  enum class Kind { Nginx, Haproxy, HaproxyV2 };

  FrontProxy(Kind kind, std::uint16_t behind);
  ~FrontProxy();
  FrontProxy(const FrontProxy&) = delete;
  FrontProxy& operator=(const FrontProxy&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  ScratchFolder folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

}  // namespace evently::testing
