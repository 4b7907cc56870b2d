#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>

#include "app/options.hpp"
#include "platform/config/data_dir.hpp"

namespace evently::app {
namespace {

constexpr int kExitConfig = 78;  // EX_CONFIG, sysexits.h

void add_store_options(CLI::App& command, StoreOptions& store) {
  command.add_option("--data-dir", store.data_dir, "Secrets and the embedded database live here")
      ->envname("EVENTLY_DATA_DIR")
      ->default_val(config::default_data_dir().string());
  command
      .add_option("--database-url", store.database_url,
                  "PostgreSQL 15+ to use instead of the embedded one (may create roles)")
      ->envname("EVENTLY_DATABASE_URL");
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer("Example:\n  " + example);
  return command;
}

void add_serve(CLI::App& program, ServeOptions& options) {
  CLI::App* serve = add_command(program, "serve", "Run the server",
                                "evently serve --listen 127.0.0.1:8080");
  add_store_options(*serve, options.store);
  serve->add_option("--listen", options.listen, "Address and port; port 0 takes a free one")
      ->envname("EVENTLY_LISTEN")
      ->capture_default_str();
  serve->add_option("--operations-listen", options.operations_listen,
                    "Metrics for Prometheus; keep it private")
      ->envname("EVENTLY_OPERATIONS_LISTEN")
      ->capture_default_str();
  serve->add_option("--tls-cert", options.tls_certificate, "PEM certificate chain")
      ->envname("EVENTLY_TLS_CERT");
  serve->add_option("--tls-key", options.tls_key, "PEM private key")->envname("EVENTLY_TLS_KEY");
  serve->add_option("--behind-proxy", options.behind_proxy,
                    "CIDR of a proxy whose X-Forwarded-For is believed (repeatable)")
      ->envname("EVENTLY_BEHIND_PROXY");
  serve->add_option("--workers", options.workers, "Threads; 0 is one per core")
      ->envname("EVENTLY_WORKERS")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  serve->add_option("--max-connections", options.max_connections, "Open connections per worker")
      ->envname("EVENTLY_MAX_CONNECTIONS")
      ->check(CLI::Range(16, 1'000'000))
      ->capture_default_str();
  serve->add_option("--sample-events", options.sample_events,
                    "Imported when there is no event at all (NDJSON)")
      ->check(CLI::ExistingFile);
}

void add_import(CLI::App& program, ImportOptions& options) {
  CLI::App* import = add_command(program, "import", "Import events from NDJSON or CSV",
                                 "evently import conferences.ndjson --capacity 300 --price 49.00");
  add_store_options(*import, options.store);
  import->add_option("file", options.file, "FILE.ndjson or FILE.csv")
      ->required()
      ->check(CLI::ExistingFile);
  import->add_option("--capacity", options.capacity, "Seats of an event whose line names none")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  import->add_option("--price", options.price, "Price of an event whose line names none")
      ->capture_default_str();
  import->add_option("--currency", options.currency, "ISO 4217")->capture_default_str();
  import->add_flag("--strict", options.strict, "Import nothing when any line is bad");
}

void add_admin(CLI::App& program, AdminCreateOptions& options) {
  CLI::App* admin = program.add_subcommand("admin", "Administrators");
  admin->require_subcommand(1);
  CLI::App* create =
      add_command(*admin, "create", "Create an administrator; the password is read from stdin",
                  "evently admin create --email ada@example.org --name 'Ada Lovelace'");
  add_store_options(*create, options.store);
  create->add_option("--email", options.email, "Address to sign in with")->required();
  create->add_option("--name", options.name, "Name to show")->required();
}

void add_bench(CLI::App& program, BenchPrepareOptions& options) {
  CLI::App* bench = program.add_subcommand("bench", "Load tests");
  bench->require_subcommand(1);
  CLI::App* prepare = add_command(
      *bench, "prepare", "Fill a database made for the purpose with people, sessions and events",
      "evently bench prepare --users 1000 --events 1 --seats 100000 --tokens tokens.txt");
  add_store_options(*prepare, options.store);
  prepare->add_option("--users", options.users)->check(CLI::Range(1, 10'000'000))->capture_default_str();
  prepare->add_option("--events", options.events)->check(CLI::Range(1, 1'000'000))->capture_default_str();
  prepare->add_option("--seats", options.seats, "Seats of each event")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  prepare->add_option("--bookings", options.bookings, "Bookings made beforehand on the first event")
      ->check(CLI::Range(0, 100'000'000))
      ->capture_default_str();
  prepare->add_option("--tokens", options.tokens, "Written: a line USER_ID TOKEN for each person")
      ->required();
}

}  // namespace

int run_command_line(int argc, char** argv) {
  CLI::App program("Evently: event booking on PostgreSQL");
  program.set_version_flag("--version", EVENTLY_VERSION);
  program.set_config("--config", "", "TOML file with the same options");
  program.require_subcommand(1);
  program.fallthrough();

  ServeOptions serve;
  ImportOptions import;
  AdminCreateOptions admin;
  VerifyOptions verify;
  BenchPrepareOptions bench;
  StoreOptions migrate;
  StoreOptions doctor;
  add_serve(program, serve);
  add_import(program, import);
  add_admin(program, admin);
  add_bench(program, bench);
  CLI::App* verify_command = add_command(program, "verify", "Prove the books from the rows; exit 1 on a fault",
                                         "evently verify --json");
  add_store_options(*verify_command, verify.store);
  verify_command->add_flag("--json", verify.json, "One JSON document instead of a table");
  add_store_options(*add_command(program, "migrate", "Bring the database to this program's schema",
                                 "evently migrate --database-url postgres://owner@db/evently"),
                    migrate);
  add_store_options(*add_command(program, "doctor", "Look for what would stop the server",
                                 "evently doctor"),
                    doctor);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    const int code = program.exit(fault);
    return code == 0 ? 0 : kExitConfig;
  }

  if (program.got_subcommand("serve")) return run_serve(serve);
  if (program.got_subcommand("import")) return run_import(import);
  if (program.got_subcommand("admin")) return run_admin_create(admin);
  if (program.got_subcommand("verify")) return run_verify(verify);
  if (program.got_subcommand("bench")) return run_bench_prepare(bench);
  if (program.got_subcommand("migrate")) return run_migrate(migrate);
  return run_doctor(doctor);
}

}  // namespace evently::app
