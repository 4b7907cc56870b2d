#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace evently::app {

/// Where the data is: shared by every command.
struct StoreOptions {
  std::filesystem::path data_dir;           ///< secrets, embedded cluster, lock
  std::optional<std::string> database_url;  ///< an existing server instead of the embedded one
};

struct ServeOptions {
  StoreOptions store;
  std::string listen = "127.0.0.1:8080";
  std::string operations_listen = "127.0.0.1:9464";
  std::string tls_certificate;              ///< PEM chain
  std::string tls_key;                      ///< PEM private key
  std::vector<std::string> behind_proxy;    ///< CIDRs whose X-Forwarded-For counts
  bool proxy_protocol = false;              ///< they begin each connection with its header
  std::vector<std::string> public_origins;  ///< what browsers call us; empty: the listener's own
  std::vector<std::string> cors_origins;    ///< whose pages may read answers, with a token
  std::string redis_url;                    ///< where several nodes count together; empty: alone
  std::vector<std::string> limits;          ///< TIER=COUNT/SECONDS or TIER=off
  std::string detection = "on";             ///< on, off: is anything observed at all
  std::string block_scope = "auth";         ///< auth, all, off: what the detector blocks
  std::string alert_mail;                   ///< who gets a mail of security alerts; empty: nobody
  std::string alert_webhook;                ///< URL that they are posted to; empty: none
  std::filesystem::path alert_webhook_secret;  ///< file with the secret that signs them
  std::size_t workers = 0;                     ///< 0: one per core
  std::size_t max_connections = 20'000;        ///< per worker
  std::string smtp_url;                  ///< smtp[s]://[user:password@]host[:port]; files without
  std::string smtp_ca;                   ///< PEM file; the system's authorities without
  std::string mail_from;                 ///< sender's address; needed with smtp_url
  std::size_t min_password_length = 12;  ///< characters, 8..64
  bool require_admin_mfa = false;  ///< without a second factor administrators may only enrol one
  std::filesystem::path sample_events;  ///< imported when there is no event at all
};

struct AdminCreateOptions {
  StoreOptions store;
  std::string email;
  std::string name;
  std::size_t min_password_length = 12;  ///< characters, 8..64
};

struct ImportOptions {
  StoreOptions store;
  std::filesystem::path file;
  std::int32_t capacity = 200;
  std::string price = "0.00";
  std::string currency = "EUR";
  bool strict = false;
};

struct VerifyOptions {
  StoreOptions store;
  bool json = false;
};

struct AdminResetTotpOptions {
  StoreOptions store;
  std::string email;
};

struct KeysOptions {
  StoreOptions store;
  std::vector<std::string> names;  ///< to rotate; empty: all
};

struct BenchPrepareOptions {
  StoreOptions store;
  std::int64_t users = 1'000;
  std::int64_t events = 1;
  std::int32_t seats = 100'000;
  std::int64_t bookings = 0;
  std::filesystem::path tokens;
};

// Each command returns the process's exit code.
int run_serve(const ServeOptions& options);
int run_migrate(const StoreOptions& options);
int run_admin_create(const AdminCreateOptions& options);
int run_import(const ImportOptions& options);
int run_verify(const VerifyOptions& options);
int run_bench_prepare(const BenchPrepareOptions& options);
int run_admin_reset_totp(const AdminResetTotpOptions& options);
int run_keys_status(const KeysOptions& options);
int run_keys_rotate(const KeysOptions& options);
int run_doctor(const StoreOptions& options);

/// Parses arguments, EVENTLY_* environment and the TOML file of --config, then runs the command.
int run_command_line(int argc, char** argv);

}  // namespace evently::app
