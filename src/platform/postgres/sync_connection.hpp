#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "platform/postgres/parameters.hpp"
#include "platform/postgres/rows.hpp"
#include "platform/postgres/statement.hpp"

struct pg_conn;

namespace evently::postgres {

/// A blocking connection for start-up and the operator's commands. Not thread-safe. Throws as Pool.
class SyncConnection {
 public:
  explicit SyncConnection(const std::string& conninfo);

  Rows run(const Statement& statement, const Parameters& values = {});
  /// A whole migration file or a constant command; never built from input.
  void script(const std::string& name, const std::string& sql);
  /// `COPY … FROM STDIN` in text format; `next_line` gives lines without newline until nullopt.
  void copy_in(const Statement& copy, const std::function<std::optional<std::string>()>& next_line);
  /// Sets a role's password by its SCRAM verifier: the server never sees the password.
  void set_password(const std::string& role, const std::string& password);
  int server_version() const;

 private:
  struct Deleter {
    void operator()(pg_conn* connection) const;
  };
  std::unique_ptr<pg_conn, Deleter> connection_;
};

/// True when a server answers there and takes these credentials.
bool can_connect(const std::string& conninfo);

/// Whether libpq understands it: a URL or `key=value` words.
bool is_conninfo(const std::string& text);

/// The same server and database as `conninfo`, as somebody else.
std::string conninfo_for_role(const std::string& conninfo, const std::string& role,
                              const std::string& password);

}  // namespace evently::postgres
