#include <CLI/CLI.hpp>
#include <cstdio>
#include <functional>
#include <set>

#include "app/commands/config_file.hpp"
#include "app/commands/options.hpp"
#include "passwords/password_policy.hpp"
#include "platform/config/data_dir.hpp"
#include "platform/config/key_file.hpp"

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

void add_password_options(CLI::App& command, std::size_t& min_length) {
  using passwords::PasswordPolicy;
  command.add_option("--min-password-length", min_length, "Characters a new password must have")
      ->envname("EVENTLY_MIN_PASSWORD_LENGTH")
      ->check(CLI::Range(PasswordPolicy::kLeastMinimum, PasswordPolicy::kGreatestMinimum))
      ->capture_default_str();
}

CLI::App* add_command(CLI::App& parent, const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = parent.add_subcommand(name, what);
  command->footer("Example:\n  " + example);
  return command;
}

void add_browser_options(CLI::App& serve, ServeOptions& options) {
  serve
      .add_option("--public-origin", options.public_origins,
                  "Origin of our pages as browsers see it, https://events.example (repeatable); "
                  "default: the listener's")
      ->envname("EVENTLY_PUBLIC_ORIGIN");
  serve
      .add_option("--cors-origin", options.cors_origins,
                  "Origin of another site whose pages may call the API with a token (repeatable)")
      ->envname("EVENTLY_CORS_ORIGIN");
}

void add_detection_options(CLI::App& serve, ServeOptions& options) {
  serve
      .add_option("--detection", options.detection,
                  "off: no request is observed, nothing is alerted or blocked by itself")
      ->envname("EVENTLY_DETECTION")
      ->check(CLI::IsMember({"on", "off"}))
      ->capture_default_str();
  serve
      .add_option("--block-scope", options.block_scope,
                  "What a network with too many failed sign-ins is kept from for an hour: auth "
                  "(sign-in, registration, reset), all, or off; docs/detection.md")
      ->envname("EVENTLY_BLOCK_SCOPE")
      ->check(CLI::IsMember({"auth", "all", "off"}))
      ->capture_default_str();
  serve
      .add_option("--alert-mail", options.alert_mail,
                  "Address that security alerts are mailed to; docs/detection.md")
      ->envname("EVENTLY_ALERT_MAIL");
  serve
      .add_option("--alert-webhook", options.alert_webhook,
                  "https:// URL that security alerts are posted to, signed")
      ->envname("EVENTLY_ALERT_WEBHOOK");
  serve
      .add_option("--alert-webhook-secret", options.alert_webhook_secret,
                  "File (0600) whose first line, 32 characters or more, signs them")
      ->envname("EVENTLY_ALERT_WEBHOOK_SECRET");
}

void add_mail_options(CLI::App& serve, ServeOptions& options) {
  serve
      .add_option("--smtp-url", options.smtp_url,
                  "smtp[s]://[user:password@]host[:port]; without it mail goes to DATA_DIR/mail")
      ->envname("EVENTLY_SMTP_URL");
  serve
      .add_option("--smtp-ca", options.smtp_ca,
                  "PEM file of the authorities for the mail server's certificate; default: the "
                  "system's")
      ->envname("EVENTLY_SMTP_CA");
  serve.add_option("--mail-from", options.mail_from, "Address that mail comes from")
      ->envname("EVENTLY_MAIL_FROM");
}

void add_serve(CLI::App& program, ServeOptions& options) {
  CLI::App* serve =
      add_command(program, "serve", "Run the server", "evently serve --listen 127.0.0.1:8080");
  add_store_options(*serve, options.store);
  serve->add_option("--listen", options.listen, "Address and port; port 0 takes a free one")
      ->envname("EVENTLY_LISTEN")
      ->capture_default_str();
  serve
      ->add_option("--operations-listen", options.operations_listen,
                   "Metrics for Prometheus; keep it private")
      ->envname("EVENTLY_OPERATIONS_LISTEN")
      ->capture_default_str();
  serve->add_option("--tls-cert", options.tls_certificate, "PEM certificate chain")
      ->envname("EVENTLY_TLS_CERT");
  serve->add_option("--tls-key", options.tls_key, "PEM private key")->envname("EVENTLY_TLS_KEY");
  serve
      ->add_option("--behind-proxy", options.behind_proxy,
                   "CIDR of a proxy whose X-Forwarded-For is believed (repeatable)")
      ->envname("EVENTLY_BEHIND_PROXY");
  serve
      ->add_flag("--proxy-protocol", options.proxy_protocol,
                 "Proxies of --behind-proxy begin each connection with a PROXY protocol header "
                 "(version 2); nobody else is served")
      ->envname("EVENTLY_PROXY_PROTOCOL");
  serve
      ->add_option("--redis-url", options.redis_url,
                   "redis://[:password@]host[:port][/db]: several nodes count their limits there")
      ->envname("EVENTLY_REDIS_URL");
  serve
      ->add_option("--limit", options.limits,
                   "TIER=COUNT/SECONDS or TIER=off (repeatable); docs/limits.md has the tiers")
      ->envname("EVENTLY_LIMIT");
  add_detection_options(*serve, options);
  add_browser_options(*serve, options);
  serve->add_option("--workers", options.workers, "Threads; 0 is one per core")
      ->envname("EVENTLY_WORKERS")
      ->check(CLI::Range(0, 256))
      ->capture_default_str();
  serve->add_option("--max-connections", options.max_connections, "Open connections per worker")
      ->envname("EVENTLY_MAX_CONNECTIONS")
      ->check(CLI::Range(16, 1'000'000))
      ->capture_default_str();
  add_password_options(*serve, options.min_password_length);
  add_mail_options(*serve, options);
  serve
      ->add_flag("--require-admin-mfa", options.require_admin_mfa,
                 "Administrators without a second factor may do nothing but enrol one")
      ->envname("EVENTLY_REQUIRE_ADMIN_MFA");
  serve
      ->add_option("--sample-events", options.sample_events,
                   "Imported when no event lies ahead (NDJSON)")
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

void add_admin(CLI::App& program, AdminCreateOptions& options, AdminResetTotpOptions& reset) {
  CLI::App* admin = program.add_subcommand("admin", "Administrators");
  admin->require_subcommand(1);
  CLI::App* create =
      add_command(*admin, "create", "Create an administrator; the password is read from stdin",
                  "evently admin create --email ada@example.org --name 'Ada Lovelace'");
  add_store_options(*create, options.store);
  create->add_option("--email", options.email, "Address to sign in with")->required();
  create->add_option("--name", options.name, "Name to show")->required();
  add_password_options(*create, options.min_password_length);
  CLI::App* reset_totp = add_command(*admin, "reset-totp",
                                     "A lost device: take the second factor and all sessions away",
                                     "evently admin reset-totp --email ada@example.org");
  add_store_options(*reset_totp, reset.store);
  reset_totp->add_option("--email", reset.email, "Whose")->required();
}

void add_keys(CLI::App& program, KeysOptions& options) {
  CLI::App* keys = program.add_subcommand("keys", "The program's keys");
  keys->require_subcommand(1);
  add_store_options(
      *add_command(*keys, "status", "Kid, age and use of every key", "evently keys status"),
      options.store);
  CLI::App* rotate = add_command(
      *keys, "rotate", "Make new keys; running servers take them up, nobody is signed out",
      "evently keys rotate jwt context");
  add_store_options(*rotate, options.store);
  std::set<std::string> names;
  for (const auto& key : config::rotatable_keys()) names.emplace(key.name);
  rotate->add_option("names", options.names, "Which; all when none is named")
      ->check(CLI::IsMember(names));
}

void add_bench(CLI::App& program, BenchPrepareOptions& options) {
  CLI::App* bench = program.add_subcommand("bench", "Load tests");
  bench->require_subcommand(1);
  CLI::App* prepare = add_command(
      *bench, "prepare", "Fill a database made for the purpose with people, sessions and events",
      "evently bench prepare --users 1000 --events 1 --seats 100000 --tokens tokens.txt");
  add_store_options(*prepare, options.store);
  prepare->add_option("--users", options.users)
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
  prepare->add_option("--events", options.events)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
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
  program.config_formatter(std::make_shared<ConfigFile>(program));
  program.require_subcommand(1);
  program.fallthrough();

  ServeOptions serve;
  ImportOptions import;
  AdminCreateOptions admin;
  AdminResetTotpOptions reset_totp;
  KeysOptions keys;
  VerifyOptions verify;
  BenchPrepareOptions bench;
  StoreOptions migrate;
  StoreOptions doctor;
  add_serve(program, serve);
  add_import(program, import);
  add_admin(program, admin, reset_totp);
  add_keys(program, keys);
  add_bench(program, bench);
  CLI::App* verify_command =
      add_command(program, "verify", "Prove the books from the rows; exit 1 on a fault",
                  "evently verify --json");
  add_store_options(*verify_command, verify.store);
  verify_command->add_flag("--json", verify.json, "One JSON document instead of a table");
  add_store_options(*add_command(program, "migrate", "Bring the database to this program's schema",
                                 "evently migrate --database-url postgres://owner@db/evently"),
                    migrate);
  add_store_options(
      *add_command(program, "doctor", "Look for what would stop the server", "evently doctor"),
      doctor);

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    const int code = program.exit(fault);
    return code == 0 ? 0 : kExitConfig;
  }

  if (program.got_subcommand("serve")) return run_serve(serve);
  if (program.got_subcommand("import")) return run_import(import);
  if (program.got_subcommand("admin")) {
    const bool resets = program.get_subcommand("admin")->got_subcommand("reset-totp");
    return resets ? run_admin_reset_totp(reset_totp) : run_admin_create(admin);
  }
  if (program.got_subcommand("keys")) {
    const bool rotates = program.get_subcommand("keys")->got_subcommand("rotate");
    return rotates ? run_keys_rotate(keys) : run_keys_status(keys);
  }
  if (program.got_subcommand("verify")) return run_verify(verify);
  if (program.got_subcommand("bench")) return run_bench_prepare(bench);
  if (program.got_subcommand("migrate")) return run_migrate(migrate);
  return run_doctor(doctor);
}

}  // namespace evently::app
