#include "platform/postgres/sync_connection.hpp"

#include <libpq-fe.h>

#include <vector>

#include "platform/postgres/errors.hpp"

namespace evently::postgres {
namespace {

std::string field(const pg_result* result, int name) {
  const char* value = PQresultErrorField(result, name);
  return value == nullptr ? "" : value;
}

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// One `key='value'` of a libpq connection string.
std::string setting(const std::string& key, const std::string& value) {
  std::string text = key + "='";
  for (const char c : value) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "' ";
}

Rows checked(pg_conn* connection, pg_result* result, const std::string& name) {
  Rows rows(result);
  const ExecStatusType status = PQresultStatus(result);
  if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
    return rows;
  const std::string state = field(result, PG_DIAG_SQLSTATE);
  if (state.empty()) throw ConnectionLost(trimmed(PQerrorMessage(connection)), true);
  throw QueryError(name, state, field(result, PG_DIAG_CONSTRAINT_NAME),
                   field(result, PG_DIAG_MESSAGE_PRIMARY));
}

}  // namespace

void SyncConnection::Deleter::operator()(pg_conn* connection) const { PQfinish(connection); }

SyncConnection::SyncConnection(const std::string& conninfo)
    : connection_(PQconnectdb(conninfo.c_str())) {
  if (!connection_ || PQstatus(connection_.get()) != CONNECTION_OK) {
    throw ConnectionLost(trimmed(PQerrorMessage(connection_.get())), false);
  }
  PQsetNoticeProcessor(connection_.get(), [](void*, const char*) {}, nullptr);
  script("postgres.settings", "SET timezone = 'UTC'; SET datestyle = 'ISO'");
}

Rows SyncConnection::run(const Statement& statement, const Parameters& values) {
  refuse_nul(statement.name, values);
  std::vector<const char*> pointers;
  pointers.reserve(values.size());
  for (const auto& value : values) pointers.push_back(value ? value->c_str() : nullptr);
  pg_result* result =
      PQexecParams(connection_.get(), statement.sql, static_cast<int>(values.size()), nullptr,
                   pointers.data(), nullptr, nullptr, 0);
  return checked(connection_.get(), result, std::string(statement.name));
}

void SyncConnection::script(const std::string& name, const std::string& sql) {
  checked(connection_.get(), PQexec(connection_.get(), sql.c_str()), name);
}

void SyncConnection::copy_in(const Statement& copy,
                             const std::function<std::optional<std::string>()>& next_line) {
  const std::string name(copy.name);
  checked(connection_.get(), PQexec(connection_.get(), copy.sql), name);
  for (auto line = next_line(); line; line = next_line()) {
    *line += '\n';
    if (PQputCopyData(connection_.get(), line->data(), static_cast<int>(line->size())) != 1) {
      throw ConnectionLost(trimmed(PQerrorMessage(connection_.get())), true);
    }
  }
  PQputCopyEnd(connection_.get(), nullptr);
  while (pg_result* result = PQgetResult(connection_.get()))
    checked(connection_.get(), result, name);
}

void SyncConnection::set_password(const std::string& role, const std::string& password) {
  const std::unique_ptr<char, void (*)(void*)> verifier(
      PQencryptPasswordConn(connection_.get(), password.c_str(), role.c_str(), "scram-sha-256"),
      PQfreemem);
  const std::unique_ptr<char, void (*)(void*)> name(
      PQescapeIdentifier(connection_.get(), role.c_str(), role.size()), PQfreemem);
  if (!verifier || !name) throw ConnectionLost(PQerrorMessage(connection_.get()), false);
  // ALTER ROLE takes no parameters; the verifier is base64 and `$`, made by libpq itself.
  script("postgres.set_password",
         std::string("ALTER ROLE ") + name.get() + " PASSWORD '" + verifier.get() + "'");
}

int SyncConnection::server_version() const { return PQserverVersion(connection_.get()); }

bool can_connect(const std::string& conninfo) {
  const std::unique_ptr<PGconn, void (*)(PGconn*)> probe(PQconnectdb(conninfo.c_str()), PQfinish);
  return probe && PQstatus(probe.get()) == CONNECTION_OK;
}

bool is_conninfo(const std::string& text) {
  char* fault = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(text.c_str(), &fault), PQconninfoFree);
  PQfreemem(fault);
  return options != nullptr;
}

std::string conninfo_for_role(const std::string& conninfo, const std::string& role,
                              const std::string& password) {
  char* fault = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(
      PQconninfoParse(conninfo.c_str(), &fault), PQconninfoFree);
  if (!options) {
    const std::string message = fault == nullptr ? "out of memory" : trimmed(fault);
    PQfreemem(fault);
    throw ConnectionLost("not a PostgreSQL connection string: " + message, false);
  }
  std::string text;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string keyword = option->keyword;
    if (option->val == nullptr || keyword == "user" || keyword == "password" ||
        keyword == "options") {
      continue;
    }
    text += setting(keyword, option->val);
  }
  // Decoders read UTC timestamps in ISO style, whatever the server's defaults are.
  text += setting("options", "-c timezone=UTC -c datestyle=ISO");
  return text + setting("user", role) + setting("password", password);
}

}  // namespace evently::postgres
