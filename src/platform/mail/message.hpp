#pragma once

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "platform/mail/mailer.hpp"

namespace evently::mail {

/// Can it stand in an SMTP command and a header as it is? Refuses control characters, spaces, angle
/// brackets, commas, quotes, and what is longer than 254 bytes (RFC 5321 §4.5.3.1.3).
bool is_plain_address(std::string_view address);

/// An RFC 5322 message with CRLF line ends. Subject as encoded words (RFC 2047) unless it is
/// printable ASCII, body in base64: no byte of either can end a header, a line or the message.
/// Throws std::invalid_argument for an address that is not plain.
std::string compose(const Mail& mail, std::string_view from, std::string_view message_id,
                    TimePoint now);

}  // namespace evently::mail
