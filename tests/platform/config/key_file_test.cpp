#include "platform/config/key_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <stdexcept>
#include <thread>

#include "platform/config/secrets.hpp"
#include "support/refusal_of.hpp"
#include "support/scratch_folder.hpp"

namespace evently::config {
namespace {

using crypto::KeyRing;
using std::chrono::hours;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::ScratchFolder;
using testing::write_text;
namespace fs = std::filesystem;

const TimePoint kNow = *parse_rfc3339("2026-11-24T18:00:00Z");
const std::string kA(64, 'a');
const std::string kB(64, 'b');

class KeyFileTest : public ::testing::Test {
 protected:
  KeyFileTest() : secrets_(Secrets::load_or_make(folder_ / "data")) {}

  static const RotatableKey& named(std::string_view name) {
    for (const auto& key : rotatable_keys()) {
      if (key.name == name) return key;
    }
    throw std::logic_error("no such key");
  }
  KeyRing rotate(std::string_view name, TimePoint now = kNow,
                 const std::vector<int>& dispensable = {}) {
    return rotate_key_file(secrets_.folder(), named(name), now, dispensable, [](const KeyRing&) {});
  }
  fs::path file(const std::string& name) const { return secrets_.folder() / name; }
  KeyRing stored(const std::string& name) const {
    return Secrets::load_or_make(folder_ / "data").ring(name);
  }

  ScratchFolder folder_;
  Secrets secrets_;
};

TEST_F(KeyFileTest, IsOneKeyOrALineAKey) {
  const auto one = parse_key_ring(kA + "\n", kNow);
  ASSERT_TRUE(one);
  EXPECT_EQ(one->front().kid, 1);
  EXPECT_EQ(one->front().created, kNow);
  EXPECT_EQ(one->front().secret, std::string(32, '\xaa'));

  const std::string text = "1 " + kA + " 2026-11-24T18:00:00Z 2026-11-25T18:01:10Z\n2 " + kB +
                           " 2026-11-24T18:01:00Z -\n";
  const auto two = parse_key_ring(text, kNow);
  ASSERT_TRUE(two);
  EXPECT_EQ(two->size(), 2U);
  EXPECT_EQ(format_key_ring(*two), text);
}

TEST_F(KeyFileTest, IsNothingElse) {
  const std::string good = " 2026-11-24T18:00:00Z -\n";
  for (const std::string& text :
       {std::string(), std::string("\n"), kA.substr(1), kA + "x", kA + "\n" + kB + "\n",
        "0 " + kA + good, "x " + kA + good, "1 " + kA.substr(1) + good,
        "1 " + kA + " yesterday -\n", "1 " + kA + " 2026-11-24T18:00:00Z\n",
        "1 " + kA + " 2026-11-24T18:00:00Z soon\n", "2 " + kA + good + "1 " + kB + good,
        "1 " + kA + good + "1 " + kB + good, "1 " + kA + good + "\n"}) {
    EXPECT_FALSE(parse_key_ring(text, kNow)) << text;
  }
}

TEST_F(KeyFileTest, GetsAKeyByRotationAndKeepsTheOld) {
  const std::string before = secrets_.key("jwt.key");
  rotate("jwt");
  const KeyRing ring = stored("jwt.key");
  ASSERT_EQ(ring.size(), 2U);
  EXPECT_EQ(ring[0].secret, before);
  EXPECT_EQ(ring[0].retire_after, kNow + crypto::kAnnounced + hours(24) + std::chrono::minutes(1));
  EXPECT_FALSE(ring[1].retire_after);
  struct stat seen{};
  ::stat(file("jwt.key").c_str(), &seen);
  EXPECT_EQ(seen.st_mode & 0777U, 0600U);
}

TEST_F(KeyFileTest, StaysAsItIsWhenTheKeyCannotBePublished) {
  const auto fail = [](const KeyRing&) { throw std::runtime_error("the database is away"); };
  EXPECT_THROW(rotate_key_file(secrets_.folder(), named("context"), kNow, {}, fail),
               std::runtime_error);
  EXPECT_EQ(stored("context.key").size(), 1U);
}

TEST_F(KeyFileTest, LosesNoKeyToTwoRotationsAtOnce) {
  std::thread other([this] {
    for (int i = 0; i < 5; ++i) rotate("cursor");
  });
  for (int i = 0; i < 5; ++i) rotate("cursor");
  other.join();
  const KeyRing ring = stored("cursor.key");
  EXPECT_EQ(ring.size(), 11U);
  EXPECT_EQ(ring.back().kid, 11);
}

TEST_F(KeyFileTest, KeepsPeppersUntilNoPasswordNeedsThem) {
  rotate("pepper", kNow - hours(3));
  rotate("pepper", kNow - hours(2));
  EXPECT_EQ(stored("password.pepper").size(), 3U);
  rotate("pepper", kNow, {1, 3});  // 3 is the current one: it stays whatever anybody says
  const KeyRing ring = stored("password.pepper");
  ASSERT_EQ(ring.size(), 3U);
  EXPECT_EQ(ring[0].kid, 2);
  EXPECT_EQ(ring[1].kid, 3);
  EXPECT_EQ(ring[2].kid, 4);
}

TEST_F(KeyFileTest, TellsARunningServerWhatChanged) {
  KeyWatch watch(secrets_.folder());
  EXPECT_EQ(watch.changes().size(), rotatable_keys().size());
  EXPECT_TRUE(watch.changes().empty());
  rotate("jwt");
  const auto changes = watch.changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].file, "jwt.key");
  EXPECT_EQ(changes[0].ring.size(), 2U);
  EXPECT_TRUE(watch.changes().empty());
}

TEST_F(KeyFileTest, TellsARunningServerOnceOfAFileThatWasSpoilt) {
  KeyWatch watch(secrets_.folder());
  watch.changes();
  write_text(file("jwt.key"), "nothing\n");
  const auto changes = watch.changes();
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_THAT(changes[0].fault, HasSubstr("jwt.key"));
  EXPECT_TRUE(changes[0].ring.empty());
  EXPECT_TRUE(watch.changes().empty());
}

}  // namespace
}  // namespace evently::config
