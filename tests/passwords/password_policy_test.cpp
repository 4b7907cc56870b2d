#include "passwords/password_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace evently::passwords {
namespace {

using ::testing::HasSubstr;

constexpr PasswordContext kAda{"ada@example.org", "Ada Byron"};

std::string fault_of(std::string_view password, const PasswordContext& context = kAda,
                     PasswordPolicy policy = {}) {
  return password_fault(policy, password, context).value_or("");
}

TEST(PasswordPolicy, AcceptsAnyTwelveCharacters) {
  EXPECT_EQ(fault_of("correct horse"), "");
  EXPECT_EQ(fault_of("alllowercase"), "");
  EXPECT_EQ(fault_of("пароль-длинный"), "");
  EXPECT_EQ(fault_of("🐎🔋📎✅🐎🔋📎✅🐎🔋📎x"), "");
  EXPECT_EQ(fault_of(std::string(64, 'a') + std::string(64, 'b')), "");
}

TEST(PasswordPolicy, CountsCharactersNotBytes) {
  EXPECT_THAT(fault_of("ааааааааааб"), HasSubstr("12 to 128"));  // 11 of 2 bytes each
  EXPECT_THAT(fault_of("elevenchars"), HasSubstr("12 to 128"));
  EXPECT_THAT(fault_of(std::string(65, 'a') + std::string(64, 'b')), HasSubstr("12 to 128"));
}

TEST(PasswordPolicy, TakesItsMinimumFromTheOperator) {
  EXPECT_EQ(fault_of("eightcha", kAda, {8}), "");
  EXPECT_THAT(fault_of("sevench", kAda, {8}), HasSubstr("8 to 128"));
  EXPECT_THAT(fault_of("fifteen letters", kAda, {16}), HasSubstr("16 to 128"));
}

TEST(PasswordPolicy, RefusesEveryListedOneInAnyCaseAndWithATail) {
  std::ifstream list(EVENTLY_SOURCE_DIR "/data/common_passwords.txt");
  std::string before;
  std::size_t count = 0;
  for (std::string line; std::getline(list, line); ++count) {
    EXPECT_LT(before, line) << "the list must be sorted";
    before = line;
    EXPECT_TRUE(is_common_password(line)) << line;
    EXPECT_NE(fault_of(line, kAda, {8}), "") << line;
    std::string upper = line;
    for (char& c : upper) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    EXPECT_NE(fault_of(upper, kAda, {8}), "") << upper;
  }
  EXPECT_GT(count, 20'000U);
  EXPECT_THAT(fault_of("Sunshine1234!"), HasSubstr("appended"));
}

TEST(PasswordPolicy, FindsNothingThatIsNotListed) {
  EXPECT_FALSE(is_common_password(""));
  EXPECT_FALSE(is_common_password("\n"));
  EXPECT_FALSE(is_common_password("password\npassword1"));
  EXPECT_FALSE(is_common_password("!"));
  EXPECT_FALSE(is_common_password("ÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿÿ"));
  EXPECT_FALSE(is_common_password("correct horse"));
}

TEST(PasswordPolicy, RefusesWhatRepeatsItself) {
  EXPECT_THAT(fault_of("zzzzzzzzzzzz"), HasSubstr("repeats"));
  EXPECT_THAT(fault_of("xkqvxkqvxkqvxkqv"), HasSubstr("repeats"));
  EXPECT_EQ(fault_of("xkqvxkqvxkqvxkq"), "");
}

TEST(PasswordPolicy, RefusesWordsOfTheContext) {
  EXPECT_THAT(fault_of("my-Grace.Hopper-1906", {"grace.hopper@example.org", "G"}),
              HasSubstr("address"));
  EXPECT_THAT(fault_of("the great HOPPER of 1906", {"gh@example.org", "Grace Hopper"}),
              HasSubstr("name"));
  EXPECT_THAT(fault_of("i love EVENTLY a lot"), HasSubstr("service"));
  // Short pieces stand in too many words.
  EXPECT_EQ(fault_of("adamant mountains"), "");
}

}  // namespace
}  // namespace evently::passwords
