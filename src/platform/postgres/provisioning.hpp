#pragma once

#include <filesystem>
#include <string>

#include "platform/config/secrets.hpp"
#include "platform/crypto/key_ring.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::postgres {

/// Throws StartRefused when the database belongs to other secrets than these (nullptr: there are
/// none yet). Before roles and keys are touched; a database of nobody's is anybody's.
void refuse_other_secrets(SyncConnection& connection, const config::Secrets* secrets,
                          const std::filesystem::path& data_dir);

/// Makes the database these secrets'. After the migrations; the first one's mark stays.
void mark_secrets(SyncConnection& connection, const config::Secrets& secrets);

/// Whether any version of this program ever migrated the database.
bool is_migrated(SyncConnection& connection);

/// Makes the database roles that are absent and gives the login roles their passwords. Needs a
/// superuser, or the owner of the database with CREATEROLE. Safe to run at every start, by several
/// nodes at once.
void provision_roles(SyncConnection& connection, const config::Secrets& secrets);

/// Stores the keys that check signed contexts. After the migrations, and with a new key before
/// anybody signs with it. Throws StartRefused when the database has another key under a kid above
/// 1: another node rotated, and its secrets folder is the one to use.
void provision_context_keys(SyncConnection& connection, const crypto::KeyRing& ring);

}  // namespace evently::postgres
