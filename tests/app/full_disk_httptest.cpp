// The disk under the embedded database fills up while people book.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <chrono>

#include "platform/postgres/embedded/embedded_cluster.hpp"
#include "platform/postgres/errors.hpp"
#include "platform/postgres/sync_connection.hpp"
#include "support/eventually.hpp"
#include "support/scratch_folder.hpp"
#include "support/server_process.hpp"

namespace evently::testing {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kPatience{60};

/// A tmpfs of its own; nothing where we may not mount.
class SmallDisk {
 public:
  SmallDisk() {
    fs::create_directory(path());
    mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=300m,mode=755") == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  fs::path path() const { return folder_ / "disk"; }

  void fill() const {
    std::ofstream out(path() / "filler", std::ios::binary);
    const std::string block(1 << 16, 'x');
    while (out.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) continue;
  }
  void clear() const { fs::remove(path() / "filler"); }

 private:
  ScratchFolder folder_;
  bool mounted_ = false;
};

/// Makes the server want room: WAL segments, one after another. False when it does not answer.
bool press(const fs::path& data_dir) {
  std::string password = read_text(data_dir / "secrets/database.evently_superuser");
  password.pop_back();
  const std::string conninfo = postgres::EmbeddedCluster::running_conninfo({data_dir, password});
  if (conninfo.empty()) return false;
  try {
    postgres::SyncConnection connection(conninfo);
    for (int n = 0; n < 20; ++n) {
      connection.script("test.press", "SELECT pg_create_restore_point('full')");
      connection.script("test.switch", "SELECT pg_switch_wal()");
    }
  } catch (const postgres::QueryError&) {  // no room left: what this is for
  } catch (const postgres::ConnectionLost&) {
    return false;
  }
  return true;
}

TEST(FullDisk, BookingsAnswer503ReadsGoOnAndAllComesBack) {
  const SmallDisk disk;
  if (!disk.mounted()) GTEST_SKIP() << "may not mount";
  ServerProcess server({}, RateLimits::Off, disk.path() / "data");
  const Person grace = make_administrator(server);
  HttpClient client = server.client();
  const std::string event_id = create_event(client, grace, 50, "Full house");
  const std::string wish = R"({"event_id":")" + event_id + R"(","quantity":1})";
  const auto book = [&] {
    return server.client().post("/api/v1/bookings", wish, bearer(grace.token));
  };
  ASSERT_EQ(book().status, 201);
  ASSERT_TRUE(eventually(
      [&] { return client.get("/api/v1/events?limit=20").text("/items/0/id") == event_id; },
      kPatience));

  disk.fill();
  ASSERT_TRUE(eventually([&] { return !press(server.data()); }, kPatience));
  EXPECT_EQ(book().status, 503);
  const Answer list = server.client().get("/api/v1/events?limit=20");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.text("/items/0/id"), event_id);
  EXPECT_TRUE(eventually([&] { return server.client().get("/api/v1/health/ready").status == 503; },
                         kPatience));

  disk.clear();
  EXPECT_TRUE(eventually([&] { return book().status == 201; }, kPatience));
  EXPECT_TRUE(eventually([&] { return server.client().get("/api/v1/health/ready").status == 200; },
                         kPatience));
  const CommandResult verified = run_evently({"verify", "--data-dir", server.data()});
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

}  // namespace
}  // namespace evently::testing
