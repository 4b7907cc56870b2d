#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_future.hpp>
#include <cstdio>
#include <fstream>
#include <thread>

#include "app/background.hpp"
#include "app/options.hpp"
#include "app/worker.hpp"
#include "events/event_import.hpp"
#include "platform/config/listen_address.hpp"
#include "platform/config/refusal.hpp"
#include "platform/observability/log.hpp"

namespace evently::app {
namespace {

namespace asio = boost::asio;
using config::StartRefused;

constexpr std::chrono::seconds kDrainLimit{10};
constexpr std::chrono::milliseconds kDrainPoll{20};

http::HttpConfig http_config(const ServeOptions& options) {
  const auto listen = config::parse_listen(options.listen);
  http::HttpConfig config;
  config.address = listen.address;
  config.port = listen.port;
  config.tls_certificate = options.tls_certificate;
  config.tls_key = options.tls_key;
  config.max_connections = options.max_connections;
  if (options.tls_certificate.empty() != options.tls_key.empty()) {
    throw StartRefused("--tls-cert and --tls-key go together");
  }
  try {
    config.proxies = http::TrustedProxies(options.behind_proxy);
  } catch (const std::invalid_argument& fault) {
    throw StartRefused(std::string("--behind-proxy: ") + fault.what());
  }
  if (!listen.is_loopback && !config.https_in_front()) {
    throw StartRefused("--listen " + options.listen + " is open to the network without TLS: give --tls-cert and --tls-key, or --behind-proxy CIDR when a proxy does TLS");
  }
  return config;
}

/// Ten thousand connections want descriptors: as many as we may have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void import_samples(const Store& store, const std::filesystem::path& file, const Clock& clock) {
  constexpr postgres::Statement kAny{"events.any", "SELECT EXISTS (SELECT FROM core.events) AS any"};
  postgres::SyncConnection connection(store.conninfo("application_operator"));
  if (file.empty() || connection.run(kAny)[0].get<bool>("any")) return;
  std::ifstream in(file);
  events::ImportSettings settings;
  settings.now = clock.now();
  const auto report = events::import_events(connection, events::read_ndjson(in), settings, [](std::size_t) {});
  std::printf("imported %lld sample events\n", static_cast<long long>(report.imported));
}

/// Waits for the first pages, then listens everywhere; errors of either come out as exceptions.
void start_workers(std::vector<std::unique_ptr<Worker>>& workers, http::HttpConfig config, SharedParts& shared) {
  Worker& first = *workers.front();
  auto loaded = asio::co_spawn(first.io(), shared.snapshot.refresh(first.shown_events()), asio::use_future);
  first.io().run();
  loaded.get();
  first.io().restart();
  shared.database_up = true;
  try {
    for (auto& worker : workers) {
      worker->listen(config);
      config.port = workers.front()->server().port();
    }
  } catch (const boost::system::system_error& fault) {
    throw StartRefused("cannot listen on " + config.address + ":" + std::to_string(config.port) + ": " + fault.code().message() + "; choose another --listen", 69);
  }
}

/// In order: say "not ready", stop accepting, finish what runs, cut what does not end.
void drain(std::vector<std::unique_ptr<Worker>>& workers, SharedParts& shared) {
  shared.draining = true;
  for (auto& worker : workers) {
    asio::post(worker->io(), [server = &worker->server()] { server->drain(); });
  }
  const auto limit = std::chrono::steady_clock::now() + kDrainLimit;
  for (auto& worker : workers) {
    while (std::chrono::steady_clock::now() < limit) {
      std::promise<std::size_t> open;
      asio::post(worker->io(), [&open, server = &worker->server()] { open.set_value(server->connections()); });
      if (open.get_future().get() == 0) break;
      std::this_thread::sleep_for(kDrainPoll);
    }
  }
  for (auto& worker : workers) worker->io().stop();
}

}  // namespace

int run_serve(const ServeOptions& options) {
  const http::HttpConfig config = http_config(options);
  const auto operations_listen = config::parse_listen(options.operations_listen);
  raise_descriptor_limit();

  // Blocked before any thread starts, so that only the wait below ever takes them.
  asio::io_context signals_io{1};
  asio::signal_set signals(signals_io, SIGINT, SIGTERM);

  const Store store = Store::open(options.store);
  SharedParts shared(store);
  import_samples(store, options.sample_events, shared.clock);

  std::vector<std::unique_ptr<Worker>> workers;
  const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 0; i < (options.workers == 0 ? cores : options.workers); ++i) {
    workers.push_back(std::make_unique<Worker>(store, shared));
  }
  start_workers(workers, config, shared);

  // The operations port answers on the first worker's loop, by its own table.
  struct NobodyAsks final : http::Authenticator {
    Task<Result<http::Principal, http::Problem>> admit(const http::Request&, http::Access) override {
      co_return http::authentication_required();
    }
  } nobody_asks;
  const http::Router operations_router(operations_routes(shared), nobody_asks);
  RequestObserver operations_observer(shared);
  http::HttpConfig operations_config;
  operations_config.address = operations_listen.address;
  operations_config.port = operations_listen.port;
  std::unique_ptr<http::Server> operations;
  try {
    operations = std::make_unique<http::Server>(workers.front()->io(), operations_config, operations_router, operations_observer);
  } catch (const boost::system::system_error& fault) {
    throw StartRefused("cannot listen on --operations-listen " + options.operations_listen + ": " + fault.code().message(), 69);
  }

  Background background(workers.front()->io(), store, shared, workers.front()->shown_events());
  background.start();
  std::vector<std::thread> threads;
  for (auto& worker : workers) threads.emplace_back([io = &worker->io()] { io->run(); });

  const bool tls = !config.tls_certificate.empty();
  std::printf("operations on http://%s:%u\n", operations_listen.address.c_str(), operations->port());
  std::printf("ready on %s://%s:%u\n", tls ? "https" : "http", config.address.c_str(), workers.front()->server().port());
  std::fflush(stdout);

  signals.async_wait([](boost::system::error_code, int) {});
  signals_io.run();
  observability::log(observability::Level::Info, "server.drains");
  drain(workers, shared);
  for (std::thread& thread : threads) thread.join();
  shared.hash_pool.stop();  // before the workers' loops go, to which its jobs report
  observability::log(observability::Level::Info, "server.stopped");
  observability::flush_log();
  return 0;
}

}  // namespace evently::app
