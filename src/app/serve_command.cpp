#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <fstream>
#include <future>
#include <thread>

#include "app/alert_outlets.hpp"
#include "app/background.hpp"
#include "app/commands/options.hpp"
#include "app/worker.hpp"
#include "events/import/event_import.hpp"
#include "platform/config/faults.hpp"
#include "platform/config/listen_address.hpp"
#include "platform/config/refusal.hpp"
#include "platform/http/wire/tls_context.hpp"
#include "platform/mail/message.hpp"
#include "platform/observability/log.hpp"
#include "platform/sandbox/sandbox.hpp"

namespace evently::app {
namespace {

namespace asio = boost::asio;
using config::StartRefused;

/// Leaves two of the ten seconds that a service manager gives for the database to stop.
constexpr std::chrono::seconds kDrainLimit{8};

http::HttpConfig http_config(const ServeOptions& options) {
  const auto listen = config::parse_listen(options.listen);
  http::HttpConfig config;
  config.address = listen.address;
  config.port = listen.port;
  config.max_connections = options.max_connections;
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    throw StartRefused("--tls-cert and --tls-key go together");
  }
  try {
    if (!options.tls_certificate.empty()) {
      config.tls = http::make_tls(options.tls_certificate, options.tls_key);
    }
  } catch (const std::invalid_argument& fault) {
    throw StartRefused(fault.what());
  }
  try {
    config.proxies = http::TrustedProxies(options.behind_proxy);
  } catch (const std::invalid_argument& fault) {
    throw StartRefused(std::string("--behind-proxy: ") + fault.what());
  }
  config.proxy_protocol = options.proxy_protocol;
  if (config.proxy_protocol && config.proxies.empty()) {
    throw StartRefused("--proxy-protocol needs --behind-proxy, the networks of the proxies");
  }
  try {
    config.cors = http::CorsPolicy(options.cors_origins);
  } catch (const std::invalid_argument& fault) {
    throw StartRefused(std::string("--cors-origin: ") + fault.what());
  }
  if (!listen.is_loopback && !config.https_in_front()) {
    throw StartRefused("--listen " + options.listen +
                       " is open to the network without TLS: give --tls-cert and --tls-key, or "
                       "--behind-proxy CIDR when a proxy does TLS");
  }
  return config;
}

MailSettings mail_settings(const ServeOptions& options) {
  MailSettings settings;
  settings.smtp_url = options.smtp_url;
  settings.smtp_authorities = options.smtp_ca;
  settings.folder = options.store.data_dir / "mail";
  if (!options.mail_from.empty()) settings.from = options.mail_from;
  config::ConfigFaults faults;
  if (!options.smtp_url.empty() && options.mail_from.empty()) {
    faults.add("--smtp-url needs --mail-from, the address that mail comes from");
  }
  if (options.smtp_url.empty() && !options.smtp_ca.empty()) {
    faults.add("--smtp-ca goes with --smtp-url");
  }
  if (!mail::is_plain_address(settings.from)) faults.add("--mail-from is not an address");
  try {
    if (!options.smtp_url.empty()) mail::make_smtp_carrier(options.smtp_url, options.smtp_ca);
  } catch (const std::invalid_argument& fault) {
    faults.add(std::string("--smtp-url ") + fault.what());  // never the URL: it holds a password
  }
  faults.refuse_when_any();
  return settings;
}

security::WatchOptions watch_options(const ServeOptions& options, const http::HttpConfig& config) {
  security::WatchOptions watch;
  watch.proxies = config.proxies;
  if (options.block_scope == "all") watch.automatic_blocks = security::BlockScope::All;
  if (options.block_scope == "off") watch.automatic_blocks = std::nullopt;
  return watch;
}

struct LimitSettings {
  limits::TierSettings tiers;
  std::optional<redis::RedisAddress> redis;
};

LimitSettings limit_settings(const ServeOptions& options) {
  LimitSettings settings;
  config::ConfigFaults faults;
  std::vector<std::string> lines;
  settings.tiers = limits::read_limits(options.limits, lines);
  for (const std::string& line : lines) faults.add(line);
  if (!options.redis_url.empty()) {
    settings.redis = faults.collect([&] { return redis::parse_redis_url(options.redis_url); });
  }
  faults.refuse_when_any();
  return settings;
}

[[noreturn]] void refuse_listen(const std::string& option, const std::string& listen,
                                const boost::system::system_error& fault) {
  throw StartRefused(
      "cannot listen on " + listen + ": " + fault.code().message() + "; choose another " + option,
      69);
}

/// Before the database is started, or even made, for nothing.
void refuse_busy_port(const std::string& option, const std::string& listen) {
  const auto at = config::parse_listen(listen);
  if (at.port == 0) return;
  try {
    http::require_free(at.address, at.port);
  } catch (const boost::system::system_error& fault) {
    refuse_listen(option, listen, fault);
  }
}

/// Ten thousand connections want descriptors: as many as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// From here on nothing but the thread that keeps an embedded PostgreSQL may start a program: all
/// threads that meet a request are started by this one.
void give_up_privileges(const StoreOptions& store) {
  const bool embedded = !store.database_url;
  const std::string missing =
      sandbox::give_up(embedded ? sandbox::Scope::ThisThread : sandbox::Scope::Process);
  if (missing.empty()) return;
  observability::log(observability::Level::Warning, "sandbox.incomplete",
                     {{"why", std::string_view(missing)}});
}

/// Samples are dated from the day of their import: once all are over, they come again, so that a
/// first booking works on an old data directory too.
void import_samples(const Store& store, const std::filesystem::path& file, const Clock& clock) {
  constexpr postgres::Statement kAny{
      "events.any", "SELECT EXISTS (SELECT FROM core.events WHERE event_date > now()) AS any"};
  postgres::SyncConnection connection(store.conninfo("application_operator"));
  if (file.empty() || connection.run(kAny)[0].get<bool>("any")) return;
  std::ifstream in(file);
  events::ImportSettings settings;
  settings.now = clock.now();
  const auto report =
      events::import_events(connection, events::read_ndjson(in), settings, [](std::size_t) {});
  std::printf("imported %lld sample events\n", static_cast<long long>(report.imported));
}

/// `count` 0: one a core.
std::vector<std::unique_ptr<Worker>> make_workers(std::size_t count, const Store& store,
                                                  SharedParts& shared, bool https_in_front,
                                                  const std::optional<redis::RedisAddress>& redis) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Worker>> workers;
  workers.reserve(count);
  while (workers.size() < count) {
    workers.push_back(std::make_unique<Worker>(store, shared, https_in_front, redis));
  }
  return workers;
}

void add_public_origins(const std::vector<std::string>& origins, SharedParts& shared) {
  for (const std::string& origin : origins) {
    if (!http::is_origin(origin)) throw StartRefused("--public-origin: not an origin: " + origin);
    shared.origins.add(origin);
  }
}

void add_own_origins(const http::HttpConfig& config, unsigned short port, SharedParts& shared) {
  const bool has_tls = config.tls != nullptr;
  for (std::string& origin : browser::origins_of_listener(config.address, port, has_tls)) {
    shared.origins.add(std::move(origin));
  }
}

/// Waits for the first pages, then listens everywhere; errors of either come out as exceptions.
void start_workers(std::vector<std::unique_ptr<Worker>>& workers, http::HttpConfig config,
                   SharedParts& shared) {
  Worker& first = *workers.front();
  auto loaded =
      asio::co_spawn(first.io(), shared.snapshot.refresh(first.shown_events()), asio::use_future);
  first.io().run();
  loaded.get();
  first.io().restart();
  shared.database_up = true;
  config.refuse_shared_port = true;
  try {
    for (auto& worker : workers) {
      worker->listen(config);
      config.port = workers.front()->server().port();
      config.refuse_shared_port = false;
    }
  } catch (const boost::system::system_error& fault) {
    refuse_listen("--listen", config.address + ":" + std::to_string(config.port), fault);
  }
}

/// The operations port answers on the first worker's loop, by its own table, to nobody in
/// particular: it stays private. It goes on answering while the workers drain.
class Operations {
 public:
  Operations(const std::string& listen, asio::io_context& io, SharedParts& shared)
      : router_(operations_routes(shared), door_), observer_(shared) {
    const auto at = config::parse_listen(listen);
    http::HttpConfig config;
    config.address = at.address;
    config.port = at.port;
    config.refuse_shared_port = true;
    try {
      server_ = std::make_unique<http::Server>(io, config, router_, observer_);
    } catch (const boost::system::system_error& fault) {
      refuse_listen("--operations-listen", listen, fault);
    }
    std::printf("operations on http://%s:%u\n", at.address.c_str(), server_->port());
  }

 private:
  struct NobodyAsks final : http::Authenticator {
    std::optional<http::Problem> screen(const http::Request&, const http::Access&) override {
      return {};
    }
    Task<Result<http::Principal, http::Problem>> admit(const http::Request&,
                                                       http::Access) override {
      co_return http::authentication_required();
    }
  };

  NobodyAsks door_;
  http::Router router_;
  RequestObserver observer_;
  std::unique_ptr<http::Server> server_;
};

/// In order: say "not ready", stop accepting, finish what runs, cut what does not end.
void drain(std::vector<std::unique_ptr<Worker>>& workers, SharedParts& shared) {
  shared.draining = true;
  std::vector<std::future<void>> drained;
  for (auto& worker : workers) {
    auto last_left = std::make_shared<std::promise<void>>();
    drained.push_back(last_left->get_future());
    asio::post(worker->io(), [server = &worker->server(), last_left] {
      server->drain([last_left] { last_left->set_value(); });
    });
  }
  const auto limit = std::chrono::steady_clock::now() + kDrainLimit;
  for (auto& last_left : drained) last_left.wait_until(limit);
  for (auto& worker : workers) worker->io().stop();
}

}  // namespace

int run_serve(const ServeOptions& options) {
  const http::HttpConfig config = http_config(options);
  const auto [tiers, redis] = limit_settings(options);
  const MailSettings mails = mail_settings(options);
  const AlertSettings alerts = alert_settings(options);
  refuse_busy_port("--listen", options.listen);
  refuse_busy_port("--operations-listen", options.operations_listen);
  raise_descriptor_limit();

  // Blocked before any thread starts, so that only the wait below ever takes them.
  asio::io_context signals_io{1};
  asio::signal_set signals(signals_io, SIGINT, SIGTERM);

  const Store store = Store::open(options.store);
  give_up_privileges(options.store);
  SharedParts shared(store, tiers, mails, watch_options(options, config));
  shared.require_admin_mfa = options.require_admin_mfa;
  shared.detects = options.detection == "on";
  shared.password_policy.min_characters = options.min_password_length;
  add_public_origins(options.public_origins, shared);
  import_samples(store, options.sample_events, shared.clock);

  auto workers = make_workers(options.workers, store, shared, config.https_in_front(), redis);
  start_workers(workers, config, shared);
  if (shared.origins.empty()) add_own_origins(config, workers.front()->server().port(), shared);

  const Operations operations(options.operations_listen, workers.front()->io(), shared);
  Background background(workers.front()->io(), store, shared, workers.front()->shown_events());
  background.start();
  const std::string worker_role = "application_worker";
  asio::io_context watch_io{1};  // of its own: under an attack it works, and nobody waits for it
  security::Watch watch(watch_io, {worker_role, store.conninfo(worker_role), 1}, shared.detection,
                        shared.observed, shared.blocks, shared.metrics, shared.clock);
  const AlertOutlets outlets(alerts, shared.mailer, shared.clock, shared.metrics);
  for (const auto& outlet : outlets.all()) watch.add(*outlet);
  start_watch(watch_io, watch);
  std::vector<std::thread> threads;
  threads.reserve(workers.size() + 1);
  for (auto& worker : workers) threads.emplace_back([io = &worker->io()] { io->run(); });
  threads.emplace_back([&watch_io] { watch_io.run(); });

  std::printf("ready on %s://%s:%u\n", config.tls ? "https" : "http", config.address.c_str(),
              workers.front()->server().port());
  std::fflush(stdout);

  signals.async_wait([](boost::system::error_code, int) {});
  signals_io.run();
  observability::log(observability::Level::Info, "server.drains");
  drain(workers, shared);
  watch_io.stop();
  for (std::thread& thread : threads) thread.join();
  // Before the workers' loops go, to which both report.
  shared.desk.stop();
  shared.late.stop();
  shared.hash_pool.stop();
  observability::log(observability::Level::Info, "server.stopped");
  observability::flush_log();
  return 0;
}

}  // namespace evently::app
