#include "accounts/account.hpp"

#include <gtest/gtest.h>

namespace evently::accounts {
namespace {

TEST(CanonicalEmail, LowersAsciiAndKeepsTheRest) {
  EXPECT_EQ(canonical_email("Ada.Lovelace+Tag@Example.ORG"), "ada.lovelace+tag@example.org");
  EXPECT_EQ(canonical_email("Jürgen@BÜCHER.example"), "jürgen@bÜcher.example");
  EXPECT_EQ(canonical_email("o'reilly@xn--bcher-kva.example"), "o'reilly@xn--bcher-kva.example");
}

TEST(CanonicalEmail, KeepsDotsAndTagsApart) {
  EXPECT_NE(canonical_email("ada.l@example.org"), canonical_email("adal@example.org"));
  EXPECT_NE(canonical_email("ada+x@example.org"), canonical_email("ada@example.org"));
}

TEST(CanonicalEmail, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           "@",
                           "ada",
                           "ada@",
                           "@example.org",
                           "ada@localhost",
                           "ada@example.",
                           "ada@.org",
                           "ada@a..b",
                           ".ada@example.org",
                           "ada.@example.org",
                           "a..b@example.org",
                           "ada@-x.org",
                           "ada@x-.org",
                           "ada@x_y.org",
                           "ada@10.0.0.1",
                           "ada@[10.0.0.1]",
                           "ada b@example.org",
                           "ada@exam ple.org",
                           "a@b@example.org",
                           "\"ada\"@example.org",
                           "ada\r\n@example.org",
                           "ada@example.org\nBcc: eve@example.org",
                           "<ada@example.org>",
                           "ada@example.org,eve@example.org",
                           "ada(x)@example.org",
                           "ada@example.org "}) {
    EXPECT_EQ(canonical_email(text), std::nullopt) << text;
  }
}

TEST(CanonicalEmail, HoldsTheLimitsOfRfc5321) {
  EXPECT_TRUE(canonical_email(std::string(64, 'a') + "@example.org"));
  EXPECT_FALSE(canonical_email(std::string(65, 'a') + "@example.org"));
  EXPECT_FALSE(canonical_email("a@" + std::string(64, 'b') + ".org"));
  std::string domain;
  while (domain.size() < 250) domain += "abcdefg.";
  EXPECT_FALSE(canonical_email("ada@" + domain + "org"));
}

}  // namespace
}  // namespace evently::accounts
