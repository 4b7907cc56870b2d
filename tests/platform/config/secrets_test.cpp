#include "platform/config/secrets.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <thread>

#include "support/refusal_of.hpp"
#include "support/scratch_folder.hpp"

namespace evently::config {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::refusal_of;
using testing::ScratchFolder;
using testing::write_text;
namespace fs = std::filesystem;

class SecretsTest : public ::testing::Test {
 protected:
  fs::path data_dir() const { return folder_ / "data"; }
  fs::path file(const std::string& name) const { return data_dir() / "secrets" / name; }
  std::string refusal() const {
    return refusal_of([&] { Secrets::load_or_make(data_dir()); });
  }
  static mode_t mode(const fs::path& path) {
    struct stat seen{};
    ::stat(path.c_str(), &seen);
    return seen.st_mode & 0777;
  }

 private:
  ScratchFolder folder_;
};

TEST_F(SecretsTest, AreMadeOnceAndStay) {
  const Secrets made = Secrets::load_or_make(data_dir());
  const Secrets loaded = Secrets::load_or_make(data_dir());
  EXPECT_EQ(made.key("jwt.key").size(), 32U);
  EXPECT_EQ(made.key("jwt.key"), loaded.key("jwt.key"));
  EXPECT_EQ(made.password("application_user"), loaded.password("application_user"));
  EXPECT_NE(made.key("jwt.key"), made.key("context.key"));
}

TEST_F(SecretsTest, AreReadableByTheirOwnerOnly) {
  Secrets::load_or_make(data_dir());
  EXPECT_EQ(mode(data_dir() / "secrets"), 0700U);
  for (const auto& entry : fs::directory_iterator(data_dir() / "secrets")) {
    EXPECT_EQ(mode(entry.path()), 0600U) << entry.path();
  }
}

TEST_F(SecretsTest, AreRefusedAllAtOnceSayingWhatToDo) {
  Secrets::load_or_make(data_dir());
  fs::permissions(file("jwt.key"), fs::perms::group_read, fs::perm_options::add);
  write_text(file("cursor.key"), "abcd\n");
  write_text(file("lookup.key"), std::string(64, 'z') + "\n");
  fs::remove(file("password.pepper"));
  EXPECT_THAT(refusal(), AllOf(HasSubstr("chmod 600 " + file("jwt.key").string()),
                               HasSubstr(file("cursor.key").string() + ": must hold 64"),
                               HasSubstr(file("lookup.key").string() + ": must hold 64"),
                               HasSubstr(file("password.pepper").string() + ": is gone")));
}

TEST_F(SecretsTest, AreNotMadeAgainWhenLost) {
  Secrets::load_or_make(data_dir());
  fs::remove(file("password.pepper"));
  EXPECT_NE(refusal(), "");
  EXPECT_FALSE(fs::exists(file("password.pepper")));
}

TEST_F(SecretsTest, AreTakenFromFilesBroughtBeforeTheFirstStart) {
  write_text(file("jwt.key"), std::string(64, 'a'));  // a person forgets the newline
  fs::permissions(file("jwt.key"), fs::perms::owner_read);
  EXPECT_EQ(Secrets::load_or_make(data_dir()).key("jwt.key"), std::string(32, '\xaa'));
}

TEST_F(SecretsTest, AreCompletedAfterAFirstStartThatWasCutOff) {
  Secrets::load_or_make(data_dir());
  fs::remove(file("made"));  // written last
  fs::remove(file("database.application_operator"));
  EXPECT_EQ(refusal(), "");
}

TEST_F(SecretsTest, AreNotMadeInAFolderThatIsNotOurs) {
  write_text(data_dir() / "thesis.tex", "years of work");
  EXPECT_THAT(refusal(), HasSubstr("not empty"));
  EXPECT_FALSE(fs::exists(data_dir() / "secrets"));
}

TEST_F(SecretsTest, AreTheSameForTwoThatStartTogether) {
  std::string there;
  std::thread other([&] { there = Secrets::load_or_make(data_dir()).key("jwt.key"); });
  const std::string here = Secrets::load_or_make(data_dir()).key("jwt.key");
  other.join();
  EXPECT_EQ(here, there);
}

}  // namespace
}  // namespace evently::config
