#pragma once

#include <filesystem>
#include <memory>
#include <string>

namespace evently::mail {

/// Brings one composed message away, blocking. Used by the queue's thread only.
class Carrier {
 public:
  virtual ~Carrier() = default;
  /// Why not; empty when it is delivered. `to` and `from` are plain addresses.
  virtual std::string carry(const std::string& id, const std::string& from, const std::string& to,
                            const std::string& message) = 0;
};

/// Writes `<id>.eml` (0600) into a folder (0700): for development, and where no server is named.
/// The newest thousand stay.
std::unique_ptr<Carrier> make_file_carrier(std::filesystem::path folder);

/// Hands over to an SMTP server: `smtp[s]://[user:password@]host[:port]`. Everything but a server
/// on this machine must do TLS (STARTTLS for `smtp`) with a certificate of `authorities`, a PEM
/// file, or of the system's when that is empty. 5 s to connect, 15 s in all. Throws
/// std::invalid_argument for another URL, or a file that cannot be read.
std::unique_ptr<Carrier> make_smtp_carrier(const std::string& url,
                                           const std::filesystem::path& authorities = {});

}  // namespace evently::mail
