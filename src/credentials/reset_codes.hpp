#pragma once

#include <string>

namespace evently::credentials {

/// 256 random bits as 64 hex digits, so that no mail program or keyboard spoils them.
std::string make_reset_code();

/// What the database keeps of a code: the bytea text of its SHA-256.
std::string stored_reset_code(const std::string& code);

}  // namespace evently::credentials
