#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "support/scratch_folder.hpp"

namespace evently::testing {

/// A real mail server (Debian's python3-aiosmtpd) on a free loopback port, which keeps what it
/// takes. Ends with the object.
class SmtpSink {
 public:
  /// `security`: what smtp_sink.py takes after the folder.
  explicit SmtpSink(const std::vector<std::string>& security = {"plain"});
  ~SmtpSink();
  SmtpSink(const SmtpSink&) = delete;
  SmtpSink& operator=(const SmtpSink&) = delete;

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port_); }
  /// By an address that does not count as this machine: `scheme` and `login` ("user:password@").
  std::string url_elsewhere(const std::string& scheme, const std::string& login = "") const {
    return scheme + "://" + login + "127.0.0.2:" + std::to_string(port_);
  }
  /// Waits for the n-th message; "" when it does not come within 20 s.
  std::string message(int number) const;
  /// Its recipients, one a line.
  std::string recipients(int number) const;
  bool has(int number) const;

 private:
  ScratchFolder folder_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

/// The text behind a message's header, out of its base64.
std::string body_of(const std::string& message);

}  // namespace evently::testing
