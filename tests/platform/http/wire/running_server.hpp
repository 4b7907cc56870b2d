#pragma once

#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <future>
#include <iterator>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "platform/http/wire/server.hpp"
#include "support/eventually.hpp"

namespace evently::http {

/// Lets "Bearer good" in; 401 for the rest.
class TestDoor final : public Authenticator {
 public:
  std::optional<http::Problem> screen(const http::Request&, const http::Access&) override {
    return {};
  }
  Task<Result<Principal, Problem>> admit(const Request& request, Access) override {
    if (request.header("authorization") != "Bearer good") co_return authentication_required();
    Principal principal;
    principal.role = "user";
    principal.context = "signed";
    co_return principal;
  }
};

/// Remembers what it was told. Thread-safe.
class TestObserver final : public Observer {
 public:
  struct Finished {
    std::string method, route, request_id;
    int status;
    std::string client;
  };
  struct Failed {
    std::string route, request_id, role, error_id;
  };

  void finished(const AccessRecord& record) override {
    const std::lock_guard lock(mutex_);
    finished_.push_back({std::string(record.method), std::string(record.route),
                         std::string(record.request_id), record.status,
                         std::string(record.client)});
  }
  void turned_away(std::string_view) override { ++turned_away_; }
  int all_turned_away() const { return turned_away_; }
  Problem failed(const std::exception_ptr&, const Request& request, std::string_view route,
                 const Uuid& error_id) override {
    const std::lock_guard lock(mutex_);
    failed_.push_back({std::string(route), request.request_id,
                       request.principal ? request.principal->role : "", to_string(error_id)});
    return Problem{};
  }
  std::vector<Finished> all_finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }
  std::vector<Failed> all_failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

 private:
  std::atomic<int> turned_away_{0};
  mutable std::mutex mutex_;
  std::vector<Finished> finished_;
  std::vector<Failed> failed_;
};

/// A server on a free port with a thread of its own and a few routes to try it with.
class RunningServer {
 public:
  explicit RunningServer(HttpConfig config = {}, RateGate* limits = nullptr)
      : router_(table(), door_, limits), gate_(io_) {
    gate_.expires_at(std::chrono::steady_clock::time_point::max());
    config.port = 0;
    server_ = std::make_unique<Server>(io_, config, router_, observer_);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~RunningServer() {
    on_loop([this] {
      gate_.cancel();
      server_->close();
      stays_.reset();
    });
    if (thread_.joinable()) thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  /// Runs `act` on the server's thread and waits for it.
  template <class Act>
  void on_loop(Act act) {
    std::promise<void> done;
    boost::asio::post(io_, [&] {
      act();
      done.set_value();
    });
    done.get_future().get();
  }

  std::uint16_t port() const { return server_->port(); }
  void drain() {
    on_loop([this] {
      server_->drain([this] { answered_when_drained_ = std::ssize(observer_.all_finished()); });
    });
  }
  void close() {
    on_loop([this] { server_->close(); });
  }
  /// In one turn of the loop, which can take no connection in between.
  template <class Act>
  void close_after(Act act) {
    on_loop([&] {
      act();
      server_->close();
    });
  }
  /// Lets the requests to /gate go on.
  void open_gate() {
    on_loop([this] { gate_.expires_at(std::chrono::steady_clock::time_point::min()); });
  }
  std::size_t connections() {
    std::size_t count = 0;
    on_loop([&] { count = server_->connections(); });
    return count;
  }
  /// Waits until `holds` does; false after ten seconds.
  template <class Condition>
  bool eventually(Condition holds) {
    return testing::eventually(holds, std::chrono::seconds(10));
  }

  const TestObserver& observer() const { return observer_; }
  /// Requests that had been answered when the server said that a drain was over; -1 before.
  std::int64_t answered_when_drained() const { return answered_when_drained_; }
  int canaries() const { return canaries_; }
  int waiting_at_gate() const { return waiting_at_gate_; }

 private:
  Task<Response> hello(Request) {
    Response response = text(200, "text/plain", "hello");
    response.headers.emplace_back("ETag", "\"v1\"");
    response.headers.emplace_back("Cache-Control", "public, max-age=1");
    co_return response;
  }
  Task<Response> list(Request) {
    Response response = json(200, "[" + std::string(20'000, ' ') + "]");
    response.headers.emplace_back("ETag", "\"list\"");
    co_return response;
  }
  Task<Response> echo(Request request) { co_return text(200, "text/plain", request.body); }
  Task<Response> show_headers(Request request) {
    std::string lines;
    for (const auto& [name, value] : request.headers) lines += name + "=" + value + "\n";
    co_return text(200, "text/plain", lines);
  }
  Task<Response> item(Request request) {
    co_return text(200, "text/plain", request.path_parameter("item_id"));
  }
  /// What a front proxy forwards it marks with X-Front; what was smuggled past it has no mark.
  Task<Response> count_canary(Request request) {
    if (!request.header("x-front")) ++canaries_;
    co_return no_content();
  }
  Task<Response> fail(Request) {
    throw std::runtime_error("secret words of a library");
    co_return Response();
  }
  Task<Response> refuse(Request) {
    throw BadRequest(validation_failed({{"quantity", "/quantity", "required", "is required"}}));
    co_return Response();
  }
  Task<Response> show_status(Request request) {
    Problem problem = not_found();
    problem.status = std::stoi(request.path_parameter("status"));
    co_return render(problem);
  }
  Task<Response> gate(Request) {
    ++waiting_at_gate_;
    boost::system::error_code ended;
    co_await gate_.async_wait(boost::asio::redirect_error(boost::asio::use_awaitable, ended));
    co_return text(200, "text/plain", "through");
  }

  template <Task<Response> (RunningServer::*kHandler)(Request)>
  Handler to() {
    return [this](Request request) { return (this->*kHandler)(std::move(request)); };
  }

  std::vector<Route> table() {
    return {{Method::Get, "/hello", anyone(), "", to<&RunningServer::hello>()},
            {Method::Get, "/list", anyone(), "", to<&RunningServer::list>()},
            {Method::Post, "/echo", anyone(), "", to<&RunningServer::echo>()},
            {Method::Post, "/headers", anyone(), "", to<&RunningServer::show_headers>()},
            {Method::Get, "/items/{item_id}", anyone(), "", to<&RunningServer::item>()},
            {Method::Get, "/canary", anyone(), "", to<&RunningServer::count_canary>()},
            {Method::Get, "/fault", anyone(), "", to<&RunningServer::fail>()},
            {Method::Get, "/private-fault", signed_in(), "", to<&RunningServer::fail>()},
            {Method::Get, "/refusal", anyone(), "", to<&RunningServer::refuse>()},
            {Method::Get, "/status/{status}", anyone(), "", to<&RunningServer::show_status>()},
            {Method::Get, "/gate", anyone(), "", to<&RunningServer::gate>()}};
  }

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> stays_{
      io_.get_executor()};
  TestDoor door_;
  TestObserver observer_;
  Router router_;
  boost::asio::steady_timer gate_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  std::atomic<std::int64_t> answered_when_drained_ = -1;
  std::atomic<int> canaries_ = 0;
  std::atomic<int> waiting_at_gate_ = 0;
};

}  // namespace evently::http
