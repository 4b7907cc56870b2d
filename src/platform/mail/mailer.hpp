#pragma once

#include <string>

namespace evently::mail {

struct Mail {
  std::string to;       ///< an address, without a name
  std::string subject;  ///< one line, UTF-8
  std::string body;     ///< text/plain, UTF-8
};

/// Takes mail to be delivered later, apart from the threads that serve requests. Thread-safe.
class Mailer {
 public:
  virtual ~Mailer() = default;
  /// False when there was no room: the mail is lost, counted and logged.
  virtual bool post(Mail mail) = 0;
};

}  // namespace evently::mail
