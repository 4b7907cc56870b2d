// Every start that cannot be says why, and what to do, in one line and with a documented exit code
// (docs/runbook.md).
#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>

#include "support/scratch_folder.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

constexpr int kConfig = 78;       // EX_CONFIG
constexpr int kUnavailable = 69;  // EX_UNAVAILABLE

CommandResult serve(const fs::path& data_dir, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"serve", "--data-dir", data_dir};
  const auto has = [&](const char* word) { return std::ranges::count(more, word) > 0; };
  for (const char* listen : {"--listen", "--operations-listen"}) {
    if (has(listen)) continue;
    arguments.insert(arguments.end(), {listen, "127.0.0.1:0"});
  }
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run_evently(arguments);
}

void expect_refusal(const CommandResult& result, int exit_code, const std::string& words) {
  EXPECT_EQ(result.exit_code, exit_code);
  EXPECT_THAT(result.output, HasSubstr(words));
  EXPECT_EQ(std::ranges::count(result.output, '\n'), 1) << result.output;
}

/// A port on which somebody else listens.
class BusyPort {
 public:
  BusyPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(socket_, plain, size) != 0 || ::listen(socket_, 1) != 0 ||
        ::getsockname(socket_, plain, &size) != 0) {
      throw std::runtime_error("no busy port");
    }
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~BusyPort() { ::close(socket_); }
  BusyPort(const BusyPort&) = delete;
  BusyPort& operator=(const BusyPort&) = delete;
  const std::string& address() const { return address_; }

 private:
  int socket_;
  std::string address_;
};

struct Words {
  const char* name;
  std::vector<std::string> arguments;
  const char* refusal;
};

/// What the command line alone gives away: refused before anything is made.
class CommandLineRefusal : public ::testing::TestWithParam<Words> {};

TEST_P(CommandLineRefusal, IsOneLineAndMakesNothing) {
  const ScratchFolder folder;
  expect_refusal(serve(folder / "data", GetParam().arguments), kConfig, GetParam().refusal);
  EXPECT_FALSE(fs::exists(folder / "data"));
}

INSTANTIATE_TEST_SUITE_P(
    Serve, CommandLineRefusal,
    ::testing::Values(
        Words{"NoPort", {"--listen", "127.0.0.1"}, "--listen wants ADDRESS:PORT"},
        Words{"NameForAddress", {"--listen", "localhost:80"}, "--listen wants ADDRESS:PORT"},
        Words{"OpenWithoutTls", {"--listen", "0.0.0.0:8080"}, "give --tls-cert and --tls-key"},
        Words{"BadOperationsPort", {"--operations-listen", "127.0.0.1:99999"}, "ADDRESS:PORT"},
        Words{"CertificateAlone", {"--tls-cert", "/etc/hostname"}, "go together"},
        Words{"NoCertificate",
              {"--tls-cert", "/nonexistent", "--tls-key", "/nonexistent"},
              "--tls-cert /nonexistent: cannot be read: No such file"},
        Words{"CertificateIsAFolder",
              {"--tls-cert", "/etc", "--tls-key", "/etc"},
              "--tls-cert /etc: cannot be read: Is a directory"},
        Words{"NotACertificate",
              {"--tls-cert", "/etc/passwd", "--tls-key", "/etc/passwd"},
              "--tls-cert /etc/passwd: is not a PEM certificate"},
        Words{"BadProxy", {"--behind-proxy", "10.0.0.0/99"}, "--behind-proxy"}),
    [](const auto& each) { return each.param.name; });

/// A word nobody reads must not pass for a setting: `require_admin_mfa = true` would protect
/// nobody.
TEST(ConfigFile, RefusesTheStartForEachWordItDoesNotKnow) {
  const ScratchFolder folder;
  const auto refused_by = [&](const std::string& text) {
    write_text(folder / "evently.toml", text);
    const CommandResult result =
        run_evently({"serve", "--data-dir", folder / "data", "--config", folder / "evently.toml"});
    EXPECT_EQ(result.exit_code, kConfig) << text << result.output;
    EXPECT_FALSE(fs::exists(folder / "data")) << text;
    return result.output;
  };
  // The port is none, so that a server which passes over the words does not start either.
  const std::string serve_nowhere = "[serve]\nlisten = \"127.0.0.1\"\n";
  const std::string all = refused_by("limit = [\"read=off\"]\n" + serve_nowhere +
                                     "require_admin_mfa = true\nlimits = [\"read=off\"]\n"
                                     "[server]\nlisten = \"127.0.0.1:0\"\n[import]\nprise = 1\n");
  EXPECT_THAT(all, HasSubstr("5 faults"));
  for (const char* words : {": limit\n", ": serve.require_admin_mfa\n", ": serve.limits\n",
                            "a section [server]\n", ": import.prise\n"}) {
    EXPECT_THAT(all, HasSubstr(words));
  }
  EXPECT_THAT(refused_by(serve_nowhere + "[serve.more]\nx = 1\n"), HasSubstr("[serve.more]"));
  EXPECT_THAT(refused_by("[server]\n" + serve_nowhere), HasSubstr("[server]"));
}

TEST(ConfigFile, MayHoldTheOptionsOfEveryCommand) {
  const ScratchFolder folder;
  write_text(folder / "evently.toml",
             "# of all commands\n[serve]\nlisten = \"127.0.0.1\"\nrequire-admin-mfa = true\n"
             "limit = [\"read=off\", \"booking=5/2\"]\n[import]\ncapacity = 300\n[verify]\n"
             "json = true\n[admin.create]\nmin-password-length = 20\n");
  const CommandResult result =
      run_evently({"serve", "--data-dir", folder / "data", "--config", folder / "evently.toml"});
  expect_refusal(result, kConfig, "--listen wants ADDRESS:PORT");
}

struct Folder {
  const char* name;
  std::function<void(const fs::path&)> spoil;  ///< a data directory that worked
  int exit_code;
  const char* refusal;
};

class DataDirRefusal : public ::testing::TestWithParam<Folder> {
 protected:
  /// One good data directory for all, copied for each.
  static const fs::path& good() {
    static const ScratchFolder folder;
    static const fs::path data = [] {
      const CommandResult made = run_evently({"migrate", "--data-dir", folder / "data"});
      if (made.exit_code != 0) throw std::runtime_error(made.output);
      return folder / "data";
    }();
    return data;
  }
};

TEST_P(DataDirRefusal, IsOneLine) {
  const ScratchFolder folder;
  const std::string copy = "cp -a '" + good().string() + "' '" + (folder / "data").string() + "'";
  ASSERT_EQ(std::system(copy.c_str()), 0);
  GetParam().spoil(folder / "data");
  expect_refusal(serve(folder / "data"), GetParam().exit_code, GetParam().refusal);
}

void set_mode(const fs::path& path, unsigned mode) {
  fs::permissions(path, static_cast<fs::perms>(mode));
}

INSTANTIATE_TEST_SUITE_P(
    Serve, DataDirRefusal,
    ::testing::Values(
        Folder{"SecretOthersMayRead",
               [](const fs::path& data) { set_mode(data / "secrets/jwt.key", 0644); }, kConfig,
               "jwt.key: readable by others; run: chmod 600"},
        Folder{"SecretGone", [](const fs::path& data) { fs::remove(data / "secrets/jwt.key"); },
               kConfig, "jwt.key: is gone; restore it from your backup"},
        Folder{"SecretCutShort",
               [](const fs::path& data) { fs::resize_file(data / "secrets/jwt.key", 10); }, kConfig,
               "must hold 64 hexadecimal digits; restore"},
        Folder{"ClusterOthersMayRead",
               [](const fs::path& data) { set_mode(data / "postgres", 0755); }, kUnavailable,
               "has invalid permissions"},
        Folder{"ClusterOfAnotherMajorVersion",
               [](const fs::path& data) { write_text(data / "postgres/PG_VERSION", "14\n"); },
               kUnavailable, "apt-get install postgresql-14"},
        Folder{"ClusterWithoutItsControlFile",
               [](const fs::path& data) { fs::remove(data / "postgres/global/pg_control"); },
               kUnavailable, "could not find the database system"},
        Folder{"SomebodyElsesCluster",
               [](const fs::path& data) { write_text(data / "postgres/postgresql.conf", "\n"); },
               kConfig, "not a cluster that Evently made; move it away"},
        Folder{"MarkerGone", [](const fs::path& data) { fs::remove(data / "evently-data-dir"); },
               kConfig, "not empty and not made by Evently"}),
    [](const auto& each) { return each.param.name; });

TEST(StartRefusal, NamesTheBusyPort) {
  const ScratchFolder folder;
  const BusyPort busy;
  expect_refusal(serve(folder / "data", {"--listen", busy.address()}), kUnavailable,
                 busy.address() + ": Address already in use; choose another --listen");
}

TEST(StartRefusal, NamesTheBusyOperationsPort) {
  const ScratchFolder folder;
  const BusyPort busy;
  expect_refusal(serve(folder / "data", {"--operations-listen", busy.address()}), kUnavailable,
                 busy.address() + ": Address already in use; choose another --operations-listen");
}

/// Our own listeners share a port on purpose (SO_REUSEPORT), two programs must not.
TEST(StartRefusal, TwoServersDoNotShareAPort) {
  const ScratchFolder folder;
  const std::string taken = "127.0.0.1:" + std::to_string(ServerProcess::shared().port());
  expect_refusal(serve(folder / "data", {"--listen", taken}), kUnavailable,
                 "Address already in use");
}

TEST(StartRefusal, NamesTheServerThatHasTheFolder) {
  const ServerProcess& server = ServerProcess::shared();
  expect_refusal(serve(server.data_dir() / "data"), kUnavailable,
                 "in use by evently, pid " + std::to_string(server.pid()));
}

/// A cron job with a mistyped folder must not find empty books in best order.
TEST(StartRefusal, OfWhatOnlyReadsOrMendsMakesNoData) {
  const std::vector<std::vector<std::string>> commands{
      {"verify"},
      {"doctor"},
      {"keys", "status"},
      {"keys", "rotate"},
      {"admin", "reset-totp", "--email", "ada@example.org"}};
  for (std::vector<std::string> command : commands) {
    const ScratchFolder folder;
    command.insert(command.end(), {"--data-dir", folder / "typo"});
    expect_refusal(run_evently(command), kConfig, "no data in " + (folder / "typo").string());
    EXPECT_FALSE(fs::exists(folder / "typo"));
  }
}

TEST(StartRefusal, BenchTokensAreTheirOwnersAlone) {
  const ScratchFolder folder;
  write_text(folder / "tokens", "old\n");
  set_mode(folder / "tokens", 0644);
  const CommandResult made = run_evently({"bench", "prepare", "--users", "1", "--tokens",
                                          folder / "tokens", "--data-dir", folder / "data"});
  ASSERT_EQ(made.exit_code, 0) << made.output;
  EXPECT_EQ(fs::status(folder / "tokens").permissions(), static_cast<fs::perms>(0600));
}

/// A file system of its own under the data directory's name; skipped where we may not mount.
class MountedDataDir : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(data());
    set_mode(data(), 0755);
  }
  void TearDown() override {
    while (::umount2(data().c_str(), MNT_DETACH) == 0) continue;
  }
  bool mount_tmpfs(const char* options, unsigned long flags = 0) const {
    return ::mount("tmpfs", data().c_str(), "tmpfs", flags, options) == 0;
  }
  fs::path data() const { return folder_ / "data"; }

 private:
  ScratchFolder folder_;
};

TEST_F(MountedDataDir, TooSmallForAClusterIsSaidBeforeItIsMade) {
  if (!mount_tmpfs("size=60m")) GTEST_SKIP() << "may not mount";
  expect_refusal(serve(data()), kUnavailable, "less than 200 MiB free; make room");
  EXPECT_FALSE(fs::exists(data() / "postgres"));
}

TEST_F(MountedDataDir, FullFromTheStart) {
  if (!mount_tmpfs("size=4k")) GTEST_SKIP() << "may not mount";
  std::ofstream(data() / "lost+found") << std::string(4096, 'x');
  expect_refusal(serve(data()), kUnavailable, "No space left on device; make room");
}

TEST_F(MountedDataDir, ReadOnly) {
  if (!mount_tmpfs("size=300m", MS_RDONLY)) GTEST_SKIP() << "may not mount";
  expect_refusal(serve(data()), kUnavailable, "Read-only file system; make it writable");
}

}  // namespace
}  // namespace evently::testing
