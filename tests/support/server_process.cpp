#include "support/server_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>
#include <stdexcept>

#include "platform/limits/tiers.hpp"

namespace evently::testing {
namespace {

using Time = std::chrono::steady_clock;
constexpr auto kStartLimit = std::chrono::seconds(90);  // initdb under a sanitizer is slow
constexpr unsigned kCommandLimitSeconds = 300;  // a start that should be refused may succeed

std::string slurp(const std::filesystem::path& file) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// The program is cut off after `seconds`; 0: never.
pid_t spawn(const std::vector<std::string>& arguments, int in, int out, unsigned seconds = 0) {
  std::vector<char*> argv;
  static char program[] = EVENTLY_BINARY;
  argv.push_back(program);
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::dup2(in, 0);
  ::dup2(out, 1);
  ::dup2(out, 2);
  ::alarm(seconds);  // survives exec
  ::execv(EVENTLY_BINARY, argv.data());
  ::_exit(127);
}

/// Port at the end of the line that starts with `mark`; 0 while it is not there.
std::uint16_t port_after(const std::string& text, const std::string& mark) {
  const std::size_t at = text.find(mark);
  if (at == std::string::npos) return 0;
  const std::size_t end = text.find_first_of(" \n", at + mark.size());
  if (end == std::string::npos) return 0;
  const std::size_t colon = text.rfind(':', end);
  return static_cast<std::uint16_t>(std::stoi(text.substr(colon + 1, end - colon - 1)));
}

std::filesystem::path fresh_folder() {
  std::string name = "/tmp/evently-test-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  ::chmod(name.c_str(), 0755);  // the database user must be able to pass
  return name;
}

/// Name of each thread and where the kernel holds it.
std::string waits_of(pid_t process) {
  std::string text;
  const std::filesystem::path tasks = "/proc/" + std::to_string(process) + "/task";
  std::error_code gone;
  for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
    text += slurp(task.path() / "comm") + " " + slurp(task.path() / "wchan") + "\n";
  }
  return text;
}

}  // namespace

ServerProcess::ServerProcess(std::vector<std::string> extra_arguments, RateLimits limits,
                             std::filesystem::path data)
    : data_dir_(fresh_folder()),
      data_(data.empty() ? data_dir_ / "data" : std::move(data)),
      arguments_(std::move(extra_arguments)) {
  if (limits == RateLimits::Off) {
    for (const auto& rule : evently::limits::kTiers) {
      arguments_.insert(arguments_.end(), {"--limit", std::string(rule.name) + "=off"});
    }
    arguments_.insert(arguments_.end(), {"--block-scope", "off"});
  }
  start();
}

ServerProcess::~ServerProcess() {
  if (pid_ > 0) stop();
  std::error_code ignored;
  std::filesystem::remove_all(data_dir_, ignored);
}

ServerProcess& ServerProcess::shared() {
  static ServerProcess server;
  return server;
}

void ServerProcess::start() {
  const std::filesystem::path log = data_dir_ / "server.out";
  std::vector<std::string> arguments{"serve",       "--data-dir",          data_,        "--listen",
                                     "127.0.0.1:0", "--operations-listen", "127.0.0.1:0"};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  const int out = ::open(log.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
  const int in = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  pid_ = spawn(arguments, in, out);
  ::close(out);
  ::close(in);

  const auto limit = Time::now() + kStartLimit;
  while (Time::now() < limit) {
    const std::string text = slurp(log);
    port_ = port_after(text, "ready on http");
    operations_port_ = port_after(text, "operations on http://");
    if (port_ != 0) {
      HttpClient::take_in(port_);
      HttpClient::leave_out(operations_port_);
      return;
    }
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      throw std::runtime_error("evently serve ended: " + text);
    }
    ::poll(nullptr, 0, 20);
  }
  throw std::runtime_error("evently serve was not ready in time: " + slurp(log));
}

std::vector<std::string> ServerProcess::store_arguments() const {
  std::vector<std::string> found{"--data-dir", data_};
  const auto at = std::ranges::find(arguments_, "--database-url");
  if (at != arguments_.end()) found.insert(found.end(), at, at + 2);
  return found;
}

void ServerProcess::kill_hard() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

int ServerProcess::stop(int signal) {
  ::kill(pid_, signal);
  int status = 0;
  const auto limit = Time::now() + kStopLimit;
  while (::waitpid(pid_, &status, WNOHANG) != pid_) {
    if (Time::now() > limit) {
      std::cerr << "does not end:\n" << waits_of(pid_) << output();
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, &status, 0);
      break;
    }
    ::poll(nullptr, 0, 10);
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string ServerProcess::output() const { return slurp(data_dir_ / "server.out"); }

CommandResult run_evently(const std::vector<std::string>& arguments, const std::string& input) {
  int in[2];
  int out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  const pid_t child = spawn(arguments, in[0], out[1], kCommandLimitSeconds);
  ::close(in[0]);
  ::close(out[1]);
  if (::write(in[1], input.data(), input.size()) < 0) throw std::runtime_error("write");
  ::close(in[1]);
  std::string output;
  char buffer[4096];
  for (ssize_t got = 0; (got = ::read(out[0], buffer, sizeof buffer)) > 0;) {
    output.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(out[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), output};
}

namespace {

constexpr char kPassword[] = "correct horse battery";

std::string fresh_email() {
  static std::atomic<int> count{0};
  return "person" + std::to_string(::getpid()) + "." + std::to_string(count++) + "@example.org";
}

std::string sign_in(HttpClient& client, const std::string& email) {
  const Answer token = client.post(
      "/api/v1/auth/token", R"({"email":")" + email + R"(","password":")" + kPassword + R"("})");
  if (token.status != 200) throw std::runtime_error("sign-in failed: " + token.body);
  return token.text("/access_token");
}

}  // namespace

Person register_person(HttpClient& client, const std::string& name) {
  Person person;
  person.email = fresh_email();
  const Answer made =
      client.post("/api/v1/auth/register", R"({"email":")" + person.email + R"(","name":")" + name +
                                               R"(","password":")" + kPassword + R"("})");
  if (made.status != 201) throw std::runtime_error("registration failed: " + made.body);
  person.id = made.text("/id");
  person.token = sign_in(client, person.email);
  return person;
}

Person make_administrator(ServerProcess& server) {
  Person person;
  person.email = fresh_email();
  std::vector<std::string> command{"admin",      "create", "--email",
                                   person.email, "--name", "Grace Hopper"};
  const auto store = server.store_arguments();
  command.insert(command.end(), store.begin(), store.end());
  const CommandResult made = run_evently(command, std::string(kPassword) + "\n");
  if (made.exit_code != 0) throw std::runtime_error("admin create failed: " + made.output);
  HttpClient client = server.client();
  person.token = sign_in(client, person.email);
  person.id = client.get("/api/v1/me", bearer(person.token)).text("/id");
  return person;
}

std::string create_event(HttpClient& client, const Person& administrator, int seats,
                         const std::string& name) {
  const Answer made =
      client.post("/api/v1/events",
                  R"({"name":")" + name +
                      R"(","venue":"Main hall","event_date":"2099-05-01T18:00:00Z",)"
                      R"("total_capacity":)" +
                      std::to_string(seats) + "}",
                  bearer(administrator.token));
  if (made.status != 201) throw std::runtime_error("event was not created: " + made.body);
  return made.text("/id");
}

}  // namespace evently::testing
