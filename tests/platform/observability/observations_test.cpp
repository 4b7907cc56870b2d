#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

namespace evently::observability {
namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

const fs::path kRoot = EVENTLY_SOURCE_DIR;
constexpr char kNameCharacters[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";

std::string text_of(const fs::path& file) {
  std::ifstream in(file);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

bool is_observation(const std::string& name) {
  return name.find('.') != std::string::npos &&
         name.find_first_not_of(kNameCharacters) == std::string::npos;
}

/// The first string literal after `at`.
std::string literal_after(const std::string& text, std::size_t at) {
  const std::size_t open = text.find('"', at);
  if (open == std::string::npos) return "";
  return text.substr(open + 1, text.find('"', open + 1) - open - 1);
}

/// Event names given to log(): the literal that follows a level.
void collect_events(const std::string& text, Names& names) {
  for (std::size_t at = text.find("Level::"); at != std::string::npos;
       at = text.find("Level::", at + 1)) {
    const std::string name = literal_after(text, at);
    if (is_observation(name)) names.insert(name);
  }
}

/// Metric names: the literal given to Name(), set() or count().
void collect_metrics(const std::string& text, Names& names) {
  for (const char* call : {"Name(\"", "set(\"", "count(\""}) {
    for (std::size_t at = text.find(call); at != std::string::npos; at = text.find(call, at + 1)) {
      const std::string name = literal_after(text, at);
      if (name.starts_with("evently_")) names.insert(name);
    }
  }
}

Names used_names() {
  Names names;
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "src")) {
    if (entry.path().extension() != ".cpp") continue;
    const std::string text = text_of(entry.path());
    collect_events(text, names);
    collect_metrics(text, names);
  }
  return names;
}

/// The first column of the page's tables.
Names described_names() {
  Names names;
  std::istringstream page(text_of(kRoot / "docs" / "observations.md"));
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("| `")) names.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return names;
}

TEST(Observations, AreDescribedAsTheyAreUsed) {
  EXPECT_GT(used_names().size(), 10U);
  EXPECT_THAT(described_names(), ::testing::ContainerEq(used_names()));
}

}  // namespace
}  // namespace evently::observability
