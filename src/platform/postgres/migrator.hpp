#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/postgres/sync_connection.hpp"

namespace evently::postgres {

struct Migration {
  std::string_view name;  ///< 0001_create_schemas.sql
  std::string_view sql;
};

/// Applies what is not applied yet, each in one transaction, under an advisory lock; records name
/// and SHA-256 in ops.schema_migrations. Forward only: throws config::StartRefused when an applied
/// file was edited, is unknown here, or was passed over. Returns how many were applied.
int migrate(SyncConnection& connection, std::span<const Migration> migrations);

}  // namespace evently::postgres
