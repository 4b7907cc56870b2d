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
  std::string tls_certificate;             ///< PEM chain
  std::string tls_key;                     ///< PEM private key
  std::vector<std::string> behind_proxy;   ///< CIDRs whose X-Forwarded-For counts
  std::size_t workers = 0;                 ///< 0: one per core
  std::size_t max_connections = 20'000;    ///< per worker
  std::filesystem::path sample_events;     ///< imported when there is no event at all
};

struct AdminCreateOptions {
  StoreOptions store;
  std::string email;
  std::string name;
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
int run_doctor(const StoreOptions& options);

/// Parses arguments, EVENTLY_* environment and the TOML file of --config, then runs the command.
int run_command_line(int argc, char** argv);

}  // namespace evently::app
