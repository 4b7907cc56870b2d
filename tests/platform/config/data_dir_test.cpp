#include "platform/config/data_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "support/refusal_of.hpp"
#include "support/scratch_folder.hpp"

namespace evently::config {
namespace {

using ::testing::HasSubstr;
using testing::refusal_of;
using testing::ScratchFolder;
using testing::write_text;
namespace fs = std::filesystem;

TEST(DataDir, IsMadeAndMarkedAtTheFirstClaim) {
  const ScratchFolder folder;
  claim_data_dir(folder / "deep/data");
  EXPECT_TRUE(fs::exists(folder / "deep/data/evently-data-dir"));
}

TEST(DataDir, IsOursAgainWhenMarked) {
  const ScratchFolder folder;
  write_text(folder / "data/evently-data-dir", "ours\n");
  write_text(folder / "data/anything", "x");
  EXPECT_EQ(claim_data_dir(folder / "data"), fs::canonical(folder / "data"));
}

TEST(DataDir, IsRefusedWithSomebodyElsesFiles) {
  const ScratchFolder folder;
  write_text(folder / "data/holiday.jpg", "x");
  EXPECT_THAT(refusal_of([&] { claim_data_dir(folder / "data"); }), HasSubstr("not empty"));
  EXPECT_FALSE(fs::exists(folder / "data/evently-data-dir"));
}

TEST(DataDir, MayHoldSecretsAndAFileSystemsOwnFolderBefore) {
  const ScratchFolder folder;
  fs::create_directories(folder / "data/secrets");
  fs::create_directories(folder / "data/lost+found");
  EXPECT_EQ(refusal_of([&] { claim_data_dir(folder / "data"); }), "");
}

TEST(DataDir, IsRefusedWhenAFileIsInItsPlace) {
  const ScratchFolder folder;
  write_text(folder / "data", "a file");
  EXPECT_NE(refusal_of([&] { claim_data_dir(folder / "data"); }), "");
}

TEST(DataDir, IsRefusedWhereNothingCanBeMade) {
  EXPECT_THAT(refusal_of([&] { claim_data_dir("/proc/evently"); }), HasSubstr("cannot be made"));
}

TEST(DataDirLock, IsHeldByOneAndNamesItsPid) {
  const ScratchFolder folder;
  const DataDirLock first(folder.path());
  EXPECT_THAT(refusal_of([&] { DataDirLock second(folder.path()); }),
              HasSubstr("pid " + std::to_string(::getpid()) + ";"));
}

TEST(DataDirLock, IsFreeAfterItsHolder) {
  const ScratchFolder folder;
  {
    const DataDirLock first(folder.path());
  }
  EXPECT_EQ(refusal_of([&] { DataDirLock second(folder.path()); }), "");
}

}  // namespace
}  // namespace evently::config
