#include "support/own_certificate.hpp"

#include <stdexcept>

#include "support/shell.hpp"

namespace evently::testing {

OwnCertificate::OwnCertificate() {
  const CommandResult made = run_shell(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
      "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.2 -keyout " +
      key() + " -out " + certificate());
  if (made.exit_code != 0) throw std::runtime_error("no certificate: " + made.output);
}

}  // namespace evently::testing
