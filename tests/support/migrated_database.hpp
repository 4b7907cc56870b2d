#pragma once

#include <string>

namespace evently::testing {

/// A database of its own for a test, with every migration applied and the context key stored. The
/// cluster behind it is the program's own EmbeddedCluster, started once a test program and without
/// fsync; migrations run once, each object clones the result (~0.1 s) and drops it again.
///
///   MigratedDatabase database;
///   Pool people(io, {"application_user", database.conninfo("application_user")});
///   ContextSigner signer(1, MigratedDatabase::context_key(), clock);
///
/// Declare it before the pools that use it. Not thread-safe; construct it on the test's thread.
class MigratedDatabase {
 public:
  MigratedDatabase();
  ~MigratedDatabase();
  MigratedDatabase(const MigratedDatabase&) = delete;
  MigratedDatabase& operator=(const MigratedDatabase&) = delete;

  /// One of the login roles: application_user, _public, _admin, _auth, _worker, _sealer, _operator.
  std::string conninfo(const std::string& role) const;
  /// Sees and does everything: for arranging and for looking behind the scenes.
  std::string superuser_conninfo() const;

  /// What signs contexts under kid 1: 32 times 'k'.
  static const std::string& context_key();

 private:
  std::string name_;
};

}  // namespace evently::testing
