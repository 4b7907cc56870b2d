#pragma once

#include <string>

#include "platform/config/secrets.hpp"
#include "platform/postgres/sync_connection.hpp"

namespace evently::postgres {

/// Makes the database roles that are absent and gives the login roles their passwords. Needs a
/// superuser, or the owner of the database with CREATEROLE. Safe to run at every start, by several
/// nodes at once.
void provision_roles(SyncConnection& connection, const config::Secrets& secrets);

/// Stores the key that checks signed contexts, under kid 1. After the migrations.
void provision_context_key(SyncConnection& connection, const config::Secrets& secrets);

}  // namespace evently::postgres
