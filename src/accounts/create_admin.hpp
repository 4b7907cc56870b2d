#pragma once

#include <optional>
#include <string>

#include "passwords/password_policy.hpp"
#include "platform/crypto/password_hasher.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::accounts {

/// `evently admin create`: runs as application_operator. Returns what is wrong, for people; nullopt
/// when the administrator was made. An address that is taken is refused, never promoted in silence.
std::optional<std::string> create_admin(postgres::SyncConnection& connection,
                                        const crypto::PasswordHasher& hasher,
                                        const std::string& lookup_key, const std::string& email,
                                        const std::string& name, const std::string& password,
                                        const passwords::PasswordPolicy& policy = {});

}  // namespace evently::accounts
