#pragma once

#include <string>

#include "support/scratch_folder.hpp"

namespace evently::testing {

/// A certificate for `localhost` and 127.0.0.2 that signs itself, made for the purpose and gone
/// with the object.
class OwnCertificate {
 public:
  OwnCertificate();
  std::string certificate() const { return folder_ / "cert.pem"; }
  std::string key() const { return folder_ / "key.pem"; }
  std::string file(const std::string& name) const { return folder_ / name; }

 private:
  ScratchFolder folder_;
};

}  // namespace evently::testing
