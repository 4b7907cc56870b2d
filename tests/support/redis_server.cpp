#include "support/redis_server.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <stdexcept>
#include <vector>

#include "support/free_port.hpp"
#include "support/shell.hpp"

namespace evently::testing {
namespace {

constexpr std::chrono::seconds kStartLimit{20};

pid_t run(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int nothing = ::open("/dev/null", O_RDWR);
  ::dup2(nothing, 1);
  ::dup2(nothing, 2);
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

}  // namespace

RedisServer::RedisServer(const std::string& password) : port_(free_port()), password_(password) {
  start();
}

void RedisServer::start() {
  std::vector<std::string> command{"/usr/bin/redis-server",
                                   "--port",
                                   std::to_string(port_),
                                   "--bind",
                                   "127.0.0.1",
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no",
                                   "--dir",
                                   (folder_ / "").string()};
  if (!password_.empty()) command.insert(command.end(), {"--requirepass", password_});
  process_ = run(command);
  const auto limit = std::chrono::steady_clock::now() + kStartLimit;
  while (!is_listening(port_)) {
    if (std::chrono::steady_clock::now() > limit || ::waitpid(process_, nullptr, WNOHANG) != 0) {
      throw std::runtime_error("redis-server does not start");
    }
    ::poll(nullptr, 0, 10);
  }
}

RedisServer::~RedisServer() { kill_hard(); }

void RedisServer::kill_hard() {
  if (process_ <= 0) return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
  process_ = -1;
}

void RedisServer::restart() {
  kill_hard();
  start();
}

std::int64_t RedisServer::calls(const std::string& command) const {
  const CommandResult info = run_shell("REDISCLI_AUTH='" + password_ + "' redis-cli -p " +
                                       std::to_string(port_) + " info commandstats");
  const std::string mark = "cmdstat_" + command + ":calls=";
  const std::size_t at = info.output.find(mark);
  if (info.exit_code != 0) throw std::runtime_error("redis-cli: " + info.output);
  return at == std::string::npos ? 0 : std::stoll(info.output.substr(at + mark.size()));
}

void RedisServer::freeze() { ::kill(process_, SIGSTOP); }
void RedisServer::thaw() { ::kill(process_, SIGCONT); }

}  // namespace evently::testing
