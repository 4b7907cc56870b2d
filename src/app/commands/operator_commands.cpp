#include <fcntl.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iostream>

#include "accounts/create_admin.hpp"
#include "app/commands/options.hpp"
#include "app/commands/store.hpp"
#include "base/clock.hpp"
#include "bookings/bench_prepare.hpp"
#include "bookings/booking_verify.hpp"
#include "events/import/event_import.hpp"
#include "platform/config/refusal.hpp"
#include "platform/json/json_writer.hpp"

namespace evently::app {
namespace {

constexpr int kExitFault = 1;
constexpr std::size_t kShownFaults = 20;

postgres::SyncConnection connect_operator(const Store& store) {
  return postgres::SyncConnection(store.conninfo("application_operator"));
}

/// Only for eyes: in a file or a pipe a bar is noise.
void show_progress(std::size_t done, std::size_t all) {
  if (::isatty(STDERR_FILENO) == 0 || all == 0) return;
  constexpr std::size_t kWidth = 40;
  const std::string bar(done * kWidth / all, '#');
  std::fprintf(stderr, "\r[%-40s] %zu/%zu%s", bar.c_str(), done, all, done == all ? "\n" : "");
}

/// One line of stdin; on a terminal it is asked for and not shown.
std::string read_password() {
  std::string password;
  termios shown{};
  const bool asks = ::tcgetattr(STDIN_FILENO, &shown) == 0;
  if (asks) {
    termios hidden = shown;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    std::fprintf(stderr, "Password: ");
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  std::getline(std::cin, password);
  if (asks) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    std::fprintf(stderr, "\n");
  }
  return password;
}

/// Whoever reads the tokens is signed in as everybody: the file is ours alone before the first
/// line.
std::ofstream open_private(const std::filesystem::path& path) {
  const int file = ::open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
  struct stat seen{};
  const bool is_private = file >= 0 && ::fstat(file, &seen) == 0 &&
                          (!S_ISREG(seen.st_mode) || ::fchmod(file, 0600) == 0);
  const int error = errno;
  if (file >= 0) ::close(file);
  if (is_private) return std::ofstream(path);
  throw config::StartRefused("--tokens " + path.string() + ": " + std::strerror(error));
}

std::string verify_json(const std::vector<bookings::Check>& checks, bool clean) {
  json::JsonWriter out;
  out.begin_object().member("clean", clean).key("checks").begin_array();
  for (const bookings::Check& check : checks) {
    out.begin_object()
        .member("check", check.name)
        .member("faults", check.faults)
        .member("first", check.first)
        .end_object();
  }
  out.end_array().end_object();
  return out.take();
}

}  // namespace

int run_migrate(const StoreOptions& options) {
  const Store store = Store::join(options);
  std::printf("%d migrations applied; the schema is this program's\n", store.migrations_applied());
  return 0;
}

int run_admin_create(const AdminCreateOptions& options) {
  const std::string password = read_password();
  const Store store = Store::join(options.store);
  const SystemClock clock;
  const crypto::PasswordHasher hasher(store.secrets().ring("password.pepper"), clock);
  auto connection = connect_operator(store);
  const auto fault =
      accounts::create_admin(connection, hasher, store.secrets().key("lookup.key"), options.email,
                             options.name, password, {options.min_password_length});
  if (fault) {
    std::fprintf(stderr, "evently: %s\n", fault->c_str());
    return kExitFault;
  }
  std::printf("administrator %s is made; sign in with POST /api/v1/auth/token\n",
              options.email.c_str());
  return 0;
}

int run_import(const ImportOptions& options) {
  std::ifstream in(options.file, std::ios::binary);
  const auto format =
      options.file.extension() == ".csv" ? events::ImportFormat::Csv : events::ImportFormat::Ndjson;
  auto lines = events::read_lines(in, format);
  events::ImportSettings settings;
  settings.capacity = options.capacity;
  settings.currency = options.currency;
  settings.strict = options.strict;
  settings.now = SystemClock().now();
  const auto price = parse_money(options.price);
  if (!price) {
    std::fprintf(stderr, "evently: --price wants a decimal like 49.00\n");
    return 78;
  }
  settings.price = *price;

  const Store store = Store::join(options.store);
  auto connection = connect_operator(store);
  const std::size_t all = lines.size();
  const auto report = events::import_events(connection, std::move(lines), settings,
                                            [all](std::size_t done) { show_progress(done, all); });
  for (std::size_t i = 0; i < report.faults.size() && i < kShownFaults; ++i) {
    std::fprintf(stderr, "line %lld: %s\n", static_cast<long long>(report.faults[i].first),
                 report.faults[i].second.c_str());
  }
  if (report.faults.size() > kShownFaults) {
    std::fprintf(stderr, "and %zu more bad lines\n", report.faults.size() - kShownFaults);
  }
  for (const auto& [name, count] : report.unknown_columns) {
    std::fprintf(stderr, "column %s is not known, %lld times left out\n", name.c_str(),
                 static_cast<long long>(count));
  }
  std::printf("%lld imported, %lld already there, %zu bad lines%s\n",
              static_cast<long long>(report.imported), static_cast<long long>(report.already_there),
              report.faults.size(),
              options.strict && !report.faults.empty() ? "; nothing was imported (--strict)" : "");
  return report.faults.empty() ? 0 : kExitFault;
}

int run_verify(const VerifyOptions& options) {
  const Store store = Store::join_existing(options.store);
  auto connection = connect_operator(store);
  const auto checks = bookings::verify_books(connection);
  bool clean = true;
  for (const bookings::Check& check : checks) clean = clean && check.faults == 0;
  if (options.json) {
    std::printf("%s\n", verify_json(checks, clean).c_str());
    return clean ? 0 : kExitFault;
  }
  for (const bookings::Check& check : checks) {
    std::printf("%-5s %s%s%s\n", check.faults == 0 ? "ok" : "FAULT", check.name.c_str(),
                check.faults == 0 ? "" : ": ", check.first.c_str());
  }
  std::printf(clean ? "the books are right\n" : "the books are WRONG\n");
  return clean ? 0 : kExitFault;
}

int run_bench_prepare(const BenchPrepareOptions& options) {
  const Store store = Store::join(options.store);
  const crypto::TokenKeys tokens(store.secrets().ring("jwt.key"));
  auto connection = connect_operator(store);
  std::ofstream lines = open_private(options.tokens);
  const auto fault = bookings::prepare_bench(
      connection, tokens, {options.users, options.events, options.seats, options.bookings}, lines);
  if (fault) {
    std::fprintf(stderr, "evently: %s\n", fault->c_str());
    return kExitFault;
  }
  std::printf("%lld people, %lld events of %d seats, %lld bookings; tokens in %s\n",
              static_cast<long long>(options.users), static_cast<long long>(options.events),
              options.seats, static_cast<long long>(options.bookings), options.tokens.c_str());
  return 0;
}

int run_doctor(const StoreOptions& options) {
  const Store store = Store::join_existing(options);
  auto connection = connect_operator(store);
  const DecoyLogin login = store.decoy_login();
  std::printf(
      "data      %s\nsecrets   complete, private\ndatabase  PostgreSQL %d.%d answers\nschema    "
      "this program's\ndecoy     %s\ndecoy     %s %s\n",
      options.data_dir.c_str(), connection.server_version() / 10000,
      connection.server_version() % 10000, store.decoy_key().c_str(), login.email.c_str(),
      login.password.c_str());
  return 0;
}

}  // namespace evently::app
