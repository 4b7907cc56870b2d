#pragma once

#include <signal.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "support/http_client.hpp"

namespace evently::testing {

/// Tests of other things sign in a hundred people from one address: they run without rate limits.
enum class RateLimits { Off, AsGiven };

/// The real program as a child process on a free port, with its embedded PostgreSQL in a folder
/// of its own that goes away with the object.
class ServerProcess {
 public:
  /// Starts `evently serve` and waits until it is ready. Throws with its output when it exits.
  /// `data` is where it keeps its data, when that is not a folder of ours.
  explicit ServerProcess(std::vector<std::string> extra_arguments = {},
                         RateLimits limits = RateLimits::Off, std::filesystem::path data = {});
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  /// One server that all tests of a program share, started at first use.
  static ServerProcess& shared();

  HttpClient client() const { return HttpClient(port_); }
  std::uint16_t port() const { return port_; }
  std::uint16_t operations_port() const { return operations_port_; }
  const std::filesystem::path& data_dir() const { return data_dir_; }
  const std::filesystem::path& data() const { return data_; }  ///< what --data-dir got
  /// Options by which other commands find the same data.
  std::vector<std::string> store_arguments() const;
  pid_t pid() const { return pid_; }

  /// kill -9; the database child is left to itself.
  void kill_hard();
  /// Asks it to end, then waits; returns the exit code. One that has not ended within kStopLimit
  /// is killed: 128 + SIGKILL, with what its threads waited for on stderr.
  int stop(int signal = SIGTERM);
  /// Its drain may take 8 s and its database's end 20 s; a sanitizer and a busy machine the rest.
  static constexpr std::chrono::seconds kStopLimit{60};
  /// Starts again on the same data, after kill_hard() or stop().
  void start();
  /// What it printed so far.
  std::string output() const;

 private:
  std::filesystem::path data_dir_;
  std::filesystem::path data_;
  std::vector<std::string> arguments_;
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t operations_port_ = 0;
};

/// Runs a command of the program to its end; `input` goes to its stdin.
struct CommandResult {
  int exit_code;
  std::string output;  ///< stdout and stderr
};
CommandResult run_evently(const std::vector<std::string>& arguments, const std::string& input = "");

struct Person {
  std::string id;
  std::string email;
  std::string token;
};
/// Registers somebody new and signs in.
Person register_person(HttpClient& client, const std::string& name = "Ada Lovelace");

/// Makes an administrator by the operator's command (the server keeps running) and signs in.
Person make_administrator(ServerProcess& server);

/// Creates an event as `administrator`; returns its id.
std::string create_event(HttpClient& client, const Person& administrator, int seats,
                         const std::string& name = "C++ Meetup");

}  // namespace evently::testing
